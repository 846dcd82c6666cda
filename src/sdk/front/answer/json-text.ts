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
  JSON.stringify(value, isUsual(value) ? undefined : toUsual) ?? 'null';

/** Nothing in it is to be looked at one by one, which takes many times as long. */
const isUsual = (value: unknown, depth = 0): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  // It may hold itself.
  if (depth > deepestPayload) return false;
  if (Array.isArray(value)) return value.every((item) => isUsual(item, depth + 1));
  if (value instanceof Date || Buffer.isBuffer(value)) return true;
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') return isUsual(toJSON.call(value, ''), depth + 1);
  if (Object.getPrototypeOf(value) !== Object.prototype && isUnusual(value)) return false;
  for (const key in value) {
    if (!isUsual((value as Readonly<Record<string, unknown>>)[key], depth + 1)) return false;
  }
  return true;
};

const isUnusual = (value: object): boolean =>
  value instanceof Map || ArrayBuffer.isView(value) || refusedKindOf(value) !== undefined;

const toUsual = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return objectOf(value);
  const kind = refusedKindOf(value);
  if (kind !== undefined) throw new TypeError(`a value of the kind ${kind}`);
  // All that are left have numbers.
  return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
};

const refused = Object.entries({ Promise, Set, Error, RegExp, ArrayBuffer, DataView });

const refusedKindOf = (value: object): string | undefined =>
  isStream(value) ? 'stream' : refused.find(([, kind]) => value instanceof kind)?.[0];

const objectOf = (map: ReadonlyMap<unknown, unknown>): object => {
  const isText = (key: unknown): boolean => typeof key === 'string' || typeof key === 'number';
  if (![...map.keys()].every(isText)) throw new TypeError('a Map whose keys are no texts');
  return Object.fromEntries(map);
};
