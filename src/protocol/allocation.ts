import type { Bytes } from './units.ts';

/** What the processes of an app may use together. */
export type Budget = {
  /** A fraction where a quota says so. */
  readonly cores: number;
  /** What holds the cores there. */
  readonly coresBound?: 'machine' | 'cpuset' | 'quota';
  /** Unlimited when absent. */
  readonly memoryBytes?: Bytes;
  readonly memoryBound?: 'machine' | 'cgroup';
};

export type GroupAllocation = {
  readonly group: string;
  readonly services: readonly string[];
  readonly workers: number;
  /** How many there are; another number where an operator scaled, or the budget has changed. */
  readonly running: number;
  readonly memoryBytesPerWorker: Bytes;
  readonly memoryFrom: 'limit' | 'measured' | 'assumed';
  /** What gave it this number, and what keeps it from more. */
  readonly why: string;
};

export type AllocationWarning = { readonly limit: 'cores' | 'memory'; readonly text: string };

/** `forge explain allocation --json`. */
export type AllocationReport = {
  readonly version: 1;
  readonly app: string;
  readonly at: string;
  readonly budget: Budget;
  /** Whole cores that workers may take; the rest is the supervisor's and the ingress's. */
  readonly workerCores: number;
  readonly groups: readonly GroupAllocation[];
  readonly warnings: readonly AllocationWarning[];
};
