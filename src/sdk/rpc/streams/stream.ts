/** Something whose items are sent one by one: a generator of a service, or any stream of Node. */
export const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';

/** So many items may be under way to a reader that has not asked for them yet. */
export const windowItems = 32;
