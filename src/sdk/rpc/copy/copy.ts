import { lengthOf, maxFrameBytes } from '../../../protocol/rpc/frame.ts';
import { deepestPayload, mostItems, mostKeys } from '../../../protocol/rpc/payload-shape.ts';
import { bytesOf, type Packed, packValue, unpackValue } from '../wire/payload.ts';
import { type Copier, RecordShapes } from './record-shapes.ts';

/** Something that only the codec knows what becomes of, or that it refuses. */
const foreign = Symbol('foreign');

/** Of the value that is being copied. */
let keys = 0;
let items = 0;
let letters = 0;

/** On a link: of a letter, and of whatever else a value or a key is there. */
const mostBytes = { ofLetter: 3, ofValue: 14 } as const;

/** What was copied last has no more than so many bytes on a link. */
export const mostBytesCopied = (): number =>
  letters * mostBytes.ofLetter + (1 + items + keys) * mostBytes.ofValue;

/**
 * What would arrive if this value went over a link. Plain data, which is most of it, is copied
 * without being written down; all else takes the way through the codec, so that both agree. So does
 * what may be too large for a frame.
 */
export const copyOf = (value: unknown): unknown => {
  keys = 0;
  items = 0;
  letters = 0;
  const copy = plainCopy(value, 0);
  if (copy === foreign) return unpackValue(bytesOf(fitting(packValue(value))));
  if (mostBytesCopied() > maxFrameBytes) fitting(packValue(value));
  return copy;
};

const fitting = (packed: Packed): Packed => {
  letters = packed.end - packed.start;
  lengthOf('', letters);
  return packed;
};

const plainCopy = (value: unknown, depth: number): unknown => {
  switch (typeof value) {
    case 'string':
      letters += value.length;
      return value.isWellFormed() ? value : foreign;
    case 'number':
      // Zero has no sign on the wire.
      return value + 0;
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      if (value === null) return null;
      if (depth >= deepestPayload) return foreign;
      return Array.isArray(value) ? copyOfList(value, depth) : copyOfRecord(value, depth);
    case 'bigint':
    case 'symbol':
    case 'function':
      return foreign;
  }
};

const copyOfList = (list: readonly unknown[], depth: number): unknown => {
  if (Object.getPrototypeOf(list) !== Array.prototype) return foreign;
  items += list.length;
  if (items > mostItems) return foreign;
  // As long as it will be; of a list of texts nothing is left to do but to look at them.
  const copy = [...list];
  for (let index = 0; index < copy.length; index += 1) {
    const item = copy[index];
    const copied = plainCopy(item, depth + 1);
    if (copied === foreign) return foreign;
    if (typeof item !== 'string') copy[index] = copied;
  }
  return copy;
};

const copyOfRecord = (record: object, depth: number): unknown => {
  if (Object.getPrototypeOf(record) !== Object.prototype) return foreign;
  const copier = shapes.copierOf(record);
  return copier === undefined ? copyByKeys(record, depth + 1) : copier(record, depth + 1);
};

const copyByKeys = (record: object, depth: number): unknown => {
  const names = Object.keys(record);
  if (exceeds(names.length, lettersIn(names))) return foreign;
  const copy: Record<string, unknown> = {};
  for (const key of names) {
    if (!isPlainKey(key)) return foreign;
    const copied = plainCopy((record as Readonly<Record<string, unknown>>)[key], depth);
    if (copied === foreign) return foreign;
    copy[key] = copied;
  }
  return copy;
};

const lettersIn = (names: readonly string[]): number =>
  names.reduce((sum, name) => sum + name.length, 0);

const exceeds = (more: number, lettersMore: number): boolean => {
  keys += more;
  letters += lettersMore;
  return keys > mostKeys;
};

const isPlainKey = (key: string): boolean => key !== '__proto__' && key.isWellFormed();

/**
 * Code that reads and writes these keys, and no others: so the engine knows where each of them is.
 * They come as texts into it, whoever has chosen them.
 */
const copierOf = (names: readonly string[]): Copier | undefined => {
  if (!names.every(isPlainKey)) return undefined;
  const texts = names.map((name) => JSON.stringify(name));
  const reads = texts.map(
    (text, index) =>
      `const v${index} = copy(record[${text}], depth); if (v${index} === foreign) return foreign;`,
  );
  const writes = texts.map((text, index) => `${text}: v${index}`);
  const code = `return (record, depth) => {
    if (exceeds(${names.length}, ${lettersIn(names)})) return foreign;
    ${reads.join('\n')}
    return { ${writes.join(', ')} };
  };`;
  try {
    return new Function('copy', 'foreign', 'exceeds', code)(plainCopy, foreign, exceeds);
  } catch {
    // A process may have forbidden to make code of texts; key by key it goes as well.
    return undefined;
  }
};

const shapes = new RecordShapes(copierOf);
