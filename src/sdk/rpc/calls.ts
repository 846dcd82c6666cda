import type { Carried } from '../../protocol/rpc/carried.ts';
import type { Cancellation } from './cancellation.ts';

export const callKinds = ['call', 'route', 'event', 'broadcast', 'message', 'request'] as const;
export type CallKind = (typeof callKinds)[number];

/** Nobody waits for an event or a message: it has time of its own, whatever becomes of its sender. */
export const isAwaited = (kind: CallKind): boolean =>
  kind === 'call' || kind === 'route' || kind === 'request';

/** What one service asks of another. */
export type OutboundCall = {
  readonly kind: CallKind;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Of an event that every worker gets: to which this copy goes. */
  readonly workerId?: string;
  /** Service that calls; `ingress` for a request from outside. */
  readonly from: string;
  readonly deadlineMs?: number;
  readonly traceparent?: string;
  /** What else goes along; of a request that has just come in: nothing. */
  readonly carried?: Carried;
  /** May run twice: it is then tried again after a link broke. */
  readonly idempotent?: boolean;
  /** Told how long the answer waited until this process had time for it. */
  readonly onReply?: (waitedMs: number) => void;
  /** Of the request on whose behalf it is made. */
  readonly cancellation?: Cancellation;
};

export type InboundCall = {
  readonly kind: CallKind;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly from: string;
  /** When the caller sent it, in ms since the epoch: both ends share the machine's clock. */
  readonly sentAt: number;
  readonly deadlineMs: number;
  readonly traceparent: string;
  readonly carried: Carried;
  readonly cancellation: Cancellation;
};

export type CallHandler = (call: InboundCall) => Promise<unknown>;

/** Milliseconds since the epoch with sub-millisecond steps. */
export const now = (): number => performance.timeOrigin + performance.now();
