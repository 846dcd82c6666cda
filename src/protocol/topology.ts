import type { Contract } from './contract.ts';
import type { Bytes, Millis } from './units.ts';

export type WorkerStatus =
  | 'starting'
  | 'ready'
  | 'draining'
  | 'stopping'
  | 'stopped'
  | 'backoff'
  | 'failed';

/** A service as `forge.config.ts` describes it, defaults filled in, paths absolute. */
export type ServiceConfig = {
  readonly name: string;
  readonly entry: string;
  /** Group it shares workers with; `_isolated:NAME` when it is alone. */
  readonly group: string;
  readonly workers: {
    readonly min: number;
    readonly max: number;
    /** How many it starts with; `auto` leaves it to the allocator. */
    readonly initial: number | 'auto';
  };
  /** Its part of the cores against other services whose workers are `auto`; 1 when absent. */
  readonly weight?: number;
  readonly connects: readonly string[];
  readonly dependsOn: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly memoryLimit?: Bytes;
  readonly health: {
    /** An event loop that does not turn for so long gets no new calls. */
    readonly blockedAfter: Millis;
    /** And after this its worker is replaced. */
    readonly replaceAfter: Millis;
  };
  readonly timeouts: { readonly start: Millis; readonly stop: Millis; readonly request: Millis };
};

export type RemoteService = { readonly name: string; readonly address: string };

export type Placement = {
  /** Group → services in it and how many workers it has. */
  readonly group: string;
  readonly services: readonly string[];
  readonly workers: number;
};

/** Where one instance of a service answers. */
export type Endpoint = {
  readonly workerId: string;
  readonly rpcPath: string;
  readonly httpPath: string;
  /** Chosen only when nobody else is left: its worker leaves, is blocked, or says that it is unwell. */
  readonly draining: boolean;
  /** Its worker drains or is about to: it gets nothing new, whoever else is left. */
  readonly leaving?: true;
};

/** The routing table that the supervisor pushes to every worker and to the ingress. */
export type RoutingTable = {
  readonly generation: number;
  readonly services: Readonly<
    Record<string, { readonly contract: Contract; readonly endpoints: readonly Endpoint[] }>
  >;
  readonly remotes: readonly RemoteService[];
};

const isolated = '_isolated:';

export const isolatedGroup = (service: string): string => isolated + service;

export const isIsolated = (group: string): boolean => group.startsWith(isolated);

/** A text with groups and workers as people call them: a service alone in its group names it. */
export const spoken = (text: string): string => text.replaceAll(isolated, '');
