import type { CallPolicy } from './call-policy.ts';
import type { Contract } from './contract.ts';
import type { Bytes, Millis } from './units.ts';

export type WorkerStatus =
  /** For its turn to be started, as so many others are. */
  'waiting' | 'starting' | 'ready' | 'draining' | 'stopping' | 'stopped' | 'backoff' | 'failed';

/** How a caller chooses among the workers of a service. */
export const strategies = ['p2c', 'round-robin', 'least-pending', 'sticky'] as const;
export type Strategy = (typeof strategies)[number];

/** Another service that answers so many percent of the calls to this one. */
export type Canary = { readonly service: string; readonly percent: number };

/** Variables of an environment. */
export type Variables = Readonly<Record<string, string>>;

/** A file that sets variables, and which. */
export type EnvFile = { readonly file: string; readonly names: readonly string[] };

type ServiceBase = {
  readonly name: string;
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
  /** What the config says: its `env`, and below it the files that it names. */
  readonly env: Variables;
  readonly envFiles?: readonly EnvFile[];
  /** What the files beside the config say: weaker than the environment of the supervisor. */
  readonly appEnv?: Variables;
  readonly memoryLimit?: Bytes;
  readonly health: {
    /** An event loop that does not turn for so long gets no new calls. */
    readonly blockedAfter: Millis;
    /** And after this its worker is replaced. */
    readonly replaceAfter: Millis;
  };
  readonly timeouts: { readonly start: Millis; readonly stop: Millis; readonly request: Millis };
  /** `p2c` when absent. */
  readonly strategy?: Strategy;
  readonly canary?: Canary;
};

/** A service of ours: a module that a worker loads. */
export type EntryService = ServiceBase & {
  readonly entry: string;
  /** Where clients find it beside the ingress: its workers accept on this port themselves. */
  readonly port?: number;
  /** Method → how its calls are treated; `*` for what holds for all of them. */
  readonly calls?: Readonly<Record<string, CallPolicy>>;
  /** Module with interceptors of its own. */
  readonly interceptors?: string;
};

/** A program in any language, which need not know that it is supervised. */
export type CommandService = ServiceBase & {
  /** One simple command for `/bin/sh`. */
  readonly command: string;
  readonly cwd: string;
  /** Where clients find it; `asked` is the port that the program asks for. Absent: it serves nobody. */
  readonly port?: number | 'asked';
  /** Path that answers when an instance is ready; without it, to accept a connection is enough. */
  readonly healthPath?: string;
};

/** A service as `forge.config.ts` describes it, defaults filled in, paths absolute. */
export type ServiceConfig = EntryService | CommandService;

export const isCommand = (service: ServiceConfig): service is CommandService =>
  'command' in service;

export const hasEntry = (service: ServiceConfig): service is EntryService => 'entry' in service;

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
  /** Of a command, instead of the two paths: where it accepts HTTP on the loopback interface. */
  readonly port?: number;
  /** Chosen only when nobody else is left: its worker leaves, is blocked, or says that it is unwell. */
  readonly draining: boolean;
  /** Its worker drains or is about to: it gets nothing new, whoever else is left. */
  readonly leaving?: true;
  /** New workers have taken its place, and prove themselves: it is only kept at hand. */
  readonly standby?: true;
};

/** The routing table that the supervisor pushes to every worker and to the ingress. */
export type RoutingTable = {
  readonly generation: number;
  readonly services: Readonly<
    Record<
      string,
      {
        readonly contract: Contract;
        readonly endpoints: readonly Endpoint[];
        readonly strategy?: Strategy;
        readonly canary?: Canary;
        /** By an operator: nobody will come who answers. */
        readonly stopped?: true;
      }
    >
  >;
  readonly remotes: readonly RemoteService[];
  /** By which the processes of the run go: the moment of the epoch when the machine's own stood at zero. */
  readonly clock?: number;
  /** Worker → by which key it proves who it is to those that it calls, and for whom it may speak. */
  readonly speakers?: Readonly<
    Record<string, { readonly key?: string; readonly services: readonly string[] }>
  >;
};

const isolated = '_isolated:';

export const isolatedGroup = (service: string): string => isolated + service;

export const isIsolated = (group: string): boolean => group.startsWith(isolated);

/** A text with groups and workers as people call them: a service alone in its group names it. */
export const spoken = (text: string): string => text.replaceAll(isolated, '');
