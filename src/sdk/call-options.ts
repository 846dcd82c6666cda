import { parseDuration } from '../protocol/units.ts';

/** Of the calls made through `this.users.with(options)`. */
export type CallOptions = {
  /** How long to wait: milliseconds, or a text such as `'2s'`. Never longer than who waits for the caller. */
  readonly timeout?: number | string;
  /** How often at most it is tried again when it surely did not run, or may run twice; 2 by default. */
  readonly retries?: number;
  /** Calls with the same key go to the same instance, as long as it is there. */
  readonly key?: string;
  /** `all`: every worker is asked, and each answer says which one gave it. */
  readonly workers?: 'one' | 'all';
  /** Go along to who answers, and no further: `ctx.request.headers` there. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the call when it is aborted: the callee is told, and the caller gets `CANCELLED`. */
  readonly signal?: AbortSignal;
};

const isTextOrNumber = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

const isTime = (value: unknown): boolean =>
  isTextOrNumber(value) && parseDuration(value) !== undefined;

/** An instance of `Headers` or a Map has no fields: nothing of it would go along. */
const isRecord = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const isSignal = (value: unknown): boolean =>
  typeof (value as Partial<AbortSignal> | null)?.addEventListener === 'function';

type Check = { readonly isFit: (value: unknown) => boolean; readonly as: string };

const checks: { readonly [K in keyof Required<CallOptions>]: Check } = {
  timeout: { isFit: isTime, as: "500 or '2s'" },
  retries: { isFit: (value) => Number.isInteger(value) && Number(value) >= 0, as: '0, 1 or more' },
  key: { isFit: isTextOrNumber, as: 'a text' },
  workers: { isFit: (value) => value === 'one' || value === 'all', as: "'one' or 'all'" },
  headers: { isFit: isRecord, as: "{ 'x-plan': 'gold' }" },
  signal: { isFit: isSignal, as: 'an AbortSignal' },
};

/** What is misspelt would be without effect, and nobody would notice. */
export const checkOptions = (options: CallOptions): void => {
  for (const [name, value] of Object.entries(Object(options))) {
    const check = Object.hasOwn(checks, name) ? checks[name as keyof CallOptions] : undefined;
    if (check === undefined) {
      throw new TypeError(
        `${name} is no option of with(): write ${Object.keys(checks).join(', ')}`,
      );
    }
    if (value !== undefined && !check.isFit(value)) {
      throw new TypeError(`${String(value)} is no ${name}: write ${check.as}`);
    }
  }
};
