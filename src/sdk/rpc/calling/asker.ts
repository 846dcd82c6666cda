import type { OutboundCall } from '../calls.ts';
import type { Watcher } from '../cancellation.ts';

/** A call on its way, and who is told what becomes of it: once, and never before `send` returns. */
export type Asker = Watcher & {
  readonly call: OutboundCall;
  readonly deadlineAt: number;
  readonly sentAt: number;
  /** Of the call on its link. */
  id: number;
  /** The answer waited so long until this process had time for it. */
  readonly answered: (value: unknown, at: number, waitedMs: number) => void;
  readonly failed: (error: unknown, waitedMs: number) => void;
};
