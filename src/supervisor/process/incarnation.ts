import type { ServiceConfig } from '../../protocol/topology.ts';
import type { Instant } from '../../protocol/units.ts';
import type { Attendant, Attended } from '../command/attendant.ts';
import type { Launch } from './launch.ts';
import type { Policy } from './policy.ts';
import type { Running } from './running.ts';

export type WorkerSpec = {
  readonly id: string;
  readonly group: string;
  readonly services: readonly ServiceConfig[];
  readonly policy: Policy;
  /** Called for each start: every incarnation has socket paths of its own. */
  readonly prepare: () => Incarnation;
  /** For a process that does not speak for itself. */
  readonly attend?: (process: Omit<Attended, 'service' | 'mustAsk'>) => Attendant;
};

export type Incarnation = {
  readonly launch: Launch;
  readonly rpcPath: string;
  readonly httpPath: string;
  /** Of a command, instead of the two paths. */
  readonly port?: number;
  /** Tells the next supervisor of its process. */
  readonly note: (process: Noted) => void;
  /** Files to remove when it is gone. */
  readonly files: readonly string[];
};

export type Noted = {
  readonly pid: number;
  readonly startedAt: Instant;
  readonly restarts: number;
};

/** An incarnation that an earlier supervisor started. */
export type Adoption = Pick<Incarnation, 'rpcPath' | 'httpPath' | 'port' | 'files'> &
  Pick<Noted, 'startedAt' | 'restarts'> & { readonly running: Running };

export type Where = Pick<Adoption, 'rpcPath' | 'httpPath' | 'port' | 'startedAt'>;
