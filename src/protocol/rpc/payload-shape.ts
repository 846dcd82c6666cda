import { payloadRefused } from '../call-errors.ts';
import { badMessage } from '../errors.ts';

export const deepestPayload = 64;
/** What one table of the codec can hold, and all of a payload may. */
export const mostKeys = 65_535;
export const mostItems = 1_000_000;
const mostIntegerBytes = 1_024;

/** What the first byte of a value says: how many bytes follow, or one of these. */
const kinds = { list: -1, table: -2, text: -3, extension: -4, none: -5, integer: -6 } as const;

const kindOf = (first: number): number => {
  if (first < 0x80 || first >= 0xe0) return 0;
  if (first < 0x90) return kinds.table;
  if (first < 0xa0) return kinds.list;
  return first < 0xc0 ? first - 0xa0 : (longer[first - 0xc0] ?? kinds.none);
};

const { list, table, text, extension, none, integer } = kinds;
/** From 0xc0 on: nothing, booleans, bytes, extensions, numbers, extensions, texts, lists, tables. */
const longer: readonly number[] = [
  ...[0, none, 0, 0, text, text, text, extension, extension, extension],
  ...[4, 8, 1, 2, 4, integer, 1, 2, 4, integer],
  ...[extension, extension, extension, extension, extension],
  ...[text, text, text, list, list, table, table],
];
const bodies = Int8Array.from({ length: 256 }, (_, first) => kindOf(first));

/** Bytes of the length that follows such a byte; what is not here has its length in itself. */
const lengthBytes: Readonly<Record<number, number>> = {
  ...{ 196: 1, 197: 2, 198: 4, 199: 1, 200: 2, 201: 4 },
  ...{ 217: 1, 218: 2, 219: 4, 220: 2, 221: 4, 222: 2, 223: 4 },
};
const firstFixed = 0xd4;

/** Types beyond those of JSON that are data. */
const types = { undefined: 0, integer: 0x42, numbers: 0x74, date: 0xff } as const;
const liveTypes: Readonly<Record<number, string>> = {
  101: 'an Error',
  115: 'a Set',
  120: 'a RegExp',
};

/** Walks through the bytes of one payload; no two are under way at a time. */
let bytes: Uint8Array = new Uint8Array(0);
let at = 0;
let room = 0;
let keys = 0;
let items = 0;
let integers = 0;

/**
 * Throws unless these bytes are data, not too deep and not too much, before anything is made of
 * them. Bytes that end too early are the decoder's business.
 */
export const checkPayload = (payload: Uint8Array, deepest: number): void => {
  bytes = payload;
  at = 0;
  room = deepest;
  keys = 0;
  items = 0;
  integers = 0;
  walk(1);
};

/** Whether the payload that was checked last holds an integer that is no number of JavaScript. */
export const hasLargeInteger = (): boolean => integers > 0;

/** Most values are of one kind and short: those are gone past here, without a call for each. */
const walk = (count: number): void => {
  let place = at;
  for (let left = count; left > 0 && place < bytes.length; left -= 1) {
    const first = bytes[place] ?? 0;
    const body = bodies[first] ?? 0;
    place += 1;
    if (body >= 0) place += body;
    else {
      at = place;
      walkLonger(first, body);
      place = at;
    }
  }
  at = place;
};

const walkLonger = (first: number, kind: number): void => {
  if (kind === list) walkList(first < 0xa0 ? first & 15 : length(first));
  else if (kind === table) walkTable(first < 0x90 ? first & 15 : length(first));
  else if (kind === text) skip(length(first));
  else if (kind === extension) skipExtension(first);
  else if (kind === integer) skipInteger();
  else throw badMessage('The peer', 'a value that begins with no type');
};

const walkList = (count: number): void => {
  items += count;
  if (items > mostItems) throw payloadRefused(`more than ${mostItems} items`);
  walkMany(count);
};

const walkTable = (count: number): void => {
  keys += count;
  if (keys > mostKeys) throw payloadRefused(`more than ${mostKeys} keys`);
  walkMany(count * 2);
};

const walkMany = (count: number): void => {
  if (room === 0) throw payloadRefused('values that are nested too deep');
  room -= 1;
  walk(count);
  room += 1;
};

const skipInteger = (): void => {
  integers += 1;
  skip(8);
};

const skip = (count: number): void => {
  at += count;
};

/** Reads it, and goes on behind it. */
const length = (first: number): number => {
  let value = 0;
  for (let left = lengthBytes[first] ?? 0; left > 0; left -= 1) {
    value = value * 256 + (bytes[at] ?? 0);
    at += 1;
  }
  return value;
};

const skipExtension = (first: number): void => {
  const size = first >= firstFixed ? 1 << (first - firstFixed) : length(first);
  const type = bytes[at] ?? 0;
  skip(1 + size);
  if (type === types.undefined || type === types.date || type === types.numbers) return;
  if (type !== types.integer) throw payloadRefused(liveTypes[type] ?? 'a value of no known type');
  integers += 1;
  if (size > mostIntegerBytes) throw payloadRefused(`an integer of ${size} bytes`);
};
