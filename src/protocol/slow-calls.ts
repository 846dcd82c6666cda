import type { MethodCount } from './metrics.ts';

/** One of the slowest calls of a service. */
type SlowCall = {
  readonly kind: MethodCount['kind'];
  readonly method: string;
  /** From its caller's sending to the answer. */
  readonly tookMs: number;
  /** Part of it: until it was taken up. */
  readonly waitedMs: number;
  /** Who called; `ingress` for a request from outside. */
  readonly from: string;
  readonly traceId: string;
  readonly outcome: 'ok' | 'refused' | 'failed';
};

/** As its worker keeps it: answered at this moment, in ms since the epoch. */
export type KeptCall = SlowCall & { readonly at: number };

/** `forge explain NAME --slow --json`: the slowest calls of the last minute, the slowest first. */
export type SlowCalls = {
  readonly version: 1;
  readonly app: string;
  readonly at: string;
  readonly service: string;
  readonly calls: readonly (SlowCall & { readonly at: string; readonly worker: string })[];
  /** Workers that did not answer in time: an event loop that is blocked has nothing to say. */
  readonly silent: readonly string[];
};
