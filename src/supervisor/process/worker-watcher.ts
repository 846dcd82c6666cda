import type { WorkerSample } from '../../protocol/metrics.ts';
import type { WorkerStatus } from '../../protocol/topology.ts';
import type { Observed, ToSupervisor } from '../../protocol/worker/messages.ts';
import type { WorkerProcess } from './worker-process.ts';

export type Blocked = { readonly forMs: number; readonly stack: string };

/** What a watchdog says of a loop that somebody holds. */
export type Held = Extract<ToSupervisor, { readonly type: 'blocked' | 'stalled' }>;

/** What a worker tells its owner. */
export interface WorkerWatcher {
  /** Some worker goes by another table, or has hung up. */
  routed(): void;
  held(worker: WorkerProcess, held: Held): void;
  changed(worker: WorkerProcess, was: WorkerStatus): void;
  bound(worker: WorkerProcess): void;
  sampled(worker: WorkerProcess, sample: WorkerSample): void;
  crashed(worker: WorkerProcess): void;
  /** The system has no room for its process; said once, until it has been ready again. */
  denied(worker: WorkerProcess): void;
  /** It took longer to end than it may, and was killed. */
  overdue(worker: WorkerProcess): void;
  asked(worker: WorkerProcess, port: number): void;
  /** The ingress has, of another process. */
  observed(message: Observed, ingress: WorkerProcess): void;
}
