import { answerNotJson, payloadRefused } from '../../../protocol/call-errors.ts';
import { deepestPayload } from '../../../protocol/rpc/payload-shape.ts';
import { isStream } from '../../rpc/streams/stream.ts';

/**
 * An answer as JSON. `JSON.stringify` alone makes `{}` of a `Set` or a promise, and nobody would notice: what
 * cannot go from one worker to another is refused here as well, and a `Map` is an object.
 */
export const jsonText = (value: unknown): string => {
  try {
    return textOf(value);
  } catch (cause) {
    throw answerNotJson(cause);
  }
};

/** The same of arguments. */
export const argumentsText = (args: readonly unknown[]): string => {
  try {
    return textOf(args);
  } catch (cause) {
    throw payloadRefused('what JSON cannot say', cause);
  }
};

const textOf = (value: unknown): string =>
  wellFormed(JSON.stringify(value, isUsual(value) ? undefined : toUsual) ?? 'null');

/** Half of a letter is no text: over a link it becomes this sign, and so it does here. */
const wellFormed = (text: string): string =>
  text.includes('\\ud')
    ? text.replace(/\\(?:ud[89a-f][\da-f]{2}|.)/g, (sign) => (sign.length > 2 ? '\ufffd' : sign))
    : text;

/** Nothing in it is to be looked at one by one, which takes many times as long. */
const isUsual = (value: unknown, depth = 0): boolean => {
  if (typeof value !== 'object' || value === null) return typeof value !== 'symbol';
  // It may hold itself.
  if (depth > deepestPayload) return false;
  if (Array.isArray(value)) return value.every((item) => isUsual(item, depth + 1));
  if (value instanceof Date || Buffer.isBuffer(value)) return true;
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') {
    return !isRecord(value) && isUsual(toJSON.call(value, ''), depth + 1);
  }
  if (!isRecord(value) && isUnusual(value)) return false;
  return hasUsualFields(value as Readonly<Record<string, unknown>>, depth + 1);
};

const hasUsualFields = (record: Readonly<Record<string, unknown>>, depth: number): boolean => {
  for (const key in record) if (!isUsual(record[key], depth)) return false;
  return true;
};

/** Its own `toJSON` is a function like any other that it holds; that of a class says how it is written. */
const isRecord = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const isUnusual = (value: object): boolean =>
  value instanceof Map || ArrayBuffer.isView(value) || refusedKindOf(value) !== undefined;

function toUsual(this: Readonly<Record<string, unknown>>, key: string, written: unknown): unknown {
  const value = withoutOwn(this[key]) ?? written;
  if (typeof value === 'symbol') throw new TypeError('a value of the kind Symbol');
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return objectOf(value);
  const kind = refusedKindOf(value);
  if (kind !== undefined) throw new TypeError(`a value of the kind ${kind}`);
  // All that are left have numbers.
  return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
}

/** A record that was asked for its own `toJSON`, without that. */
const withoutOwn = (value: unknown): object | undefined => {
  if (typeof value !== 'object' || value === null || !isRecord(value)) return undefined;
  const { toJSON, ...rest } = value as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? rest : undefined;
};

const refused = Object.entries({ Promise, Set, Error, RegExp, ArrayBuffer, DataView });

const refusedKindOf = (value: object): string | undefined =>
  isStream(value) ? 'stream' : refused.find(([, kind]) => value instanceof kind)?.[0];

const objectOf = (map: ReadonlyMap<unknown, unknown>): object => {
  const isText = (key: unknown): boolean => typeof key === 'string' || typeof key === 'number';
  if (![...map.keys()].every(isText)) throw new TypeError('a Map whose keys are no texts');
  return Object.fromEntries(map);
};
