import type { Carried } from '../../protocol/rpc/carried.ts';
import { timeOrigin } from '../channel/clock.ts';
import type { Cancellation } from './cancellation.ts';

export const callKinds = ['call', 'route', 'event', 'broadcast', 'message', 'request'] as const;
export type CallKind = (typeof callKinds)[number];

/** Nobody waits for an event or a message: it has time of its own, whatever becomes of its sender. */
export const isAwaited = (kind: CallKind): boolean =>
  kind === 'call' || kind === 'route' || kind === 'request';

/** As which the ingress asks; no service has this name. */
export const ingress = 'ingress';

/** Whoever asked gets the answer over HTTP: a client of a route, or another app that calls a method. */
export const isForJson = ({ kind, from }: Pick<OutboundCall, 'kind' | 'from'>): boolean =>
  kind === 'route' || from === ingress;

/** Who counts the calls from one service to another. */
export type CallMeter = {
  readonly began: () => void;
  /** The answer waited so long until this process had time for it. */
  readonly ended: (tookMs: number, waitedMs: number) => void;
};

/** What one service asks of another. */
export type OutboundCall = {
  readonly kind: CallKind;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Of an event that every worker gets: to which this copy goes. */
  readonly workerId?: string | undefined;
  /** Service that calls; `ingress` for a request from outside. */
  readonly from: string;
  readonly deadlineMs?: number | undefined;
  readonly traceparent?: string | undefined;
  /** What else goes along; of a request that has just come in: nothing. */
  readonly carried?: Carried | undefined;
  /** May run twice: it is then tried again after a link broke. */
  readonly idempotent?: boolean | undefined;
  /** How often at most it is tried again. */
  readonly retries?: number | undefined;
  /** Calls with the same key go to the same instance. */
  readonly key?: string | undefined;
  readonly meter?: CallMeter | undefined;
  /** Of the request on whose behalf it is made. */
  readonly cancellation?: Cancellation | undefined;
};

export type InboundCall = {
  readonly kind: CallKind;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly from: string;
  /** When the caller sent it, in ms since the epoch: both ends share the machine's clock. */
  readonly sentAt: number;
  /** When it was taken up here. */
  readonly takenAt: number;
  /** What is left of it; 0 when it has none. */
  readonly deadlineMs: number;
  readonly traceparent: string;
  readonly carried: Carried;
  readonly cancellation: Cancellation;
};

/** Answers with a promise, or at once when it has looked at the clock just before. */
export type CallHandler = (call: InboundCall) => unknown;

/** Is told of an answer that was not given out. */
export type Refused = (
  call: Pick<InboundCall, 'kind' | 'service' | 'method' | 'from'>,
  error: unknown,
) => void;

let origin = timeOrigin();
let latest = 0;

/**
 * Milliseconds since the epoch with sub-millisecond steps. When the machine's clock is set, this one
 * stays: a worker that starts after that must not take every call for one that is long over.
 */
export const now = (): number => {
  latest = origin + performance.now();
  return latest;
};

/** What `now` said last, for whoever knows that nothing has been done since: to look costs 40 ns. */
export const justNow = (): number => latest;

/** A command was started by nobody of the run, and is told its clock with the routing table. */
export const goBy = (clock: number | undefined): void => {
  if (clock !== undefined) origin = timeOrigin(clock);
};

/** Messages and requests have no method. */
export const targetOf = ({ service, method }: Pick<OutboundCall, 'service' | 'method'>): string =>
  method === '' ? service : `${service}.${method}`;
