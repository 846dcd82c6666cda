import { messageOf } from '../../protocol/forge-error.ts';

/** As many errors are told in one line: a chain of causes may be endless. */
const mostTold = 10;

/** What `ctx.log` was given, as JSON. It never throws: a service does not fail because it logs. */
export const recordText = (own: object, given: object): string => {
  const fields = given instanceof Error ? { error: given } : given;
  try {
    // No field can pretend to be of another service or time.
    const record = { ...own, ...fields, ...own };
    return isFlat(fields) ? JSON.stringify(record) : JSON.stringify(record, withErrors());
  } catch (error) {
    return JSON.stringify({ ...own, unwritten: messageOf(error) });
  }
};

/** Nothing in it is to be looked at one by one, which takes many times as long. */
const isFlat = (fields: object): boolean =>
  Object.values(fields).every((value) => typeof value !== 'object');

/** `JSON.stringify` makes `{}` of an error. */
const withErrors = () => {
  const told = new Set<Error>();
  return function (this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
    // As it was before its own `toJSON`, which seldom gives the stack.
    const error = this[key];
    if (!(error instanceof Error)) return value;
    if (told.has(error) || told.size >= mostTold) return String(error);
    told.add(error);
    return toldOf(error);
  };
};

const toldOf = (error: Error): object => {
  const { name, message, code, stack, cause, errors } = error as Error & {
    readonly code?: unknown;
    readonly errors?: unknown;
  };
  return { name, message, code, ...plainFields(error), stack, cause, errors };
};

/** Such as `syscall`; an HTTP client hangs whole sockets on its errors. */
const plainFields = (error: Error): object =>
  Object.fromEntries(
    Object.entries(error).filter(([, value]) => !['object', 'function'].includes(typeof value)),
  );
