/** A time as people write it: `'200 ms'`, `'5 s'`, or a number of milliseconds. */
type Time = string | number;

/** How calls of a method are treated, as an author or an operator writes it. */
export type CallInput = {
  /** It gets no longer, whatever its caller has. */
  readonly timeout?: Time;
  /** So many at a time in each worker, and so many more that wait. */
  readonly concurrency?: number | { readonly most: number; readonly queue?: number };
  /** So many a second in each worker; more at once up to `burst`. */
  readonly rate?:
    | number
    | {
        readonly perSecond: number;
        readonly burst?: number;
        readonly by?: 'service' | 'caller' | 'tenant';
      };
  /** An answer holds for so long, for the same arguments, tenant and user. */
  readonly cache?: Time | { readonly for: Time; readonly most?: number };
  /** Equal calls at one time run once. */
  readonly singleFlight?: boolean;
  /** Callers stop to ask for a while when it fails most of the time. */
  readonly breaker?:
    | boolean
    | {
        /** Percent of the calls. */
        readonly failures?: number;
        readonly least?: number;
        readonly within?: Time;
        readonly open?: Time;
        readonly probes?: number;
      };
  /** A line in the log for each call, or each that is slower than this; failures always. */
  readonly log?: boolean | { readonly slowerThan: Time };
};

export type ConcurrencyPolicy = { readonly most: number; readonly queue: number };
export type RatePolicy = {
  readonly perSecond: number;
  readonly burst: number;
  readonly by: 'service' | 'caller' | 'tenant';
};
export type CachePolicy = { readonly forMs: number; readonly most: number };
export type BreakerPolicy = {
  readonly failures: number;
  readonly least: number;
  readonly withinMs: number;
  readonly openMs: number;
  readonly probes: number;
};
/** Calls pass, a few are tried, or none is made; from well to bad. */
export const breakerStatuses = ['closed', 'half-open', 'open'] as const;
export type BreakerStatus = (typeof breakerStatuses)[number];
export type LogPolicy = { readonly slowerThanMs: number };

export type CallPolicy = {
  readonly timeoutMs?: number;
  readonly concurrency?: ConcurrencyPolicy;
  readonly rate?: RatePolicy;
  readonly cache?: CachePolicy;
  readonly singleFlight?: boolean;
  readonly breaker?: BreakerPolicy;
  readonly log?: LogPolicy;
};

/** What every service has, unless its config says something else. */
export const usualConcurrency: ConcurrencyPolicy = { most: 1_000, queue: 100 };
export const usualBreaker: BreakerPolicy = {
  failures: 50,
  least: 20,
  withinMs: 10_000,
  openMs: 5_000,
  probes: 3,
};

/** The name under which a config says what holds for the whole service. */
export const everyMethod = '*';
