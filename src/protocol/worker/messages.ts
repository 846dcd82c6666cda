import type { CallPolicy } from '../call-policy.ts';
import type { Contract } from '../contract.ts';
import type { HttpSettings } from '../http.ts';
import type { ServiceSample, WorkerSample } from '../metrics.ts';
import type { KeptCall } from '../slow-calls.ts';
import type { RoutingTable } from '../topology.ts';

/**
 * Supervisor ↔ worker: one JSON object a line on the Unix socket that the worker dials. The
 * assignment travels in the environment variable `FORGE_WORKER`.
 */
export const workerProtocolVersion = 1;

export type Assignment = {
  readonly runId: string;
  readonly workerId: string;
  readonly app: string;
  readonly runDir: string;
  readonly incarnation: string;
  readonly rpcPath: string;
  readonly httpPath: string;
  readonly services: readonly {
    readonly name: string;
    /** Absolute path of the module whose default export is the class; ready for this Node. */
    readonly entry: string;
    readonly connects: readonly string[];
    readonly calls?: Readonly<Record<string, CallPolicy>>;
    /** Module with the interceptors that its config names. */
    readonly interceptors?: string;
  }[];
  readonly orphanGraceMs: number;
  /** An event loop that does not turn for so long is blocked. */
  readonly blockedAfterMs: number;
  readonly requestTimeoutMs: number;
  readonly sampleEveryMs: number;
  /** Ports whose descriptors it inherits, from the first on, to hand them to the next supervisor. */
  readonly held: readonly number[];
  /** Of those services that have one of their own, and how they answer there. */
  readonly doors?: { readonly ports: readonly DoorPort[]; readonly http: HttpSettings };
};

/** The port of a service, by descriptors that its workers inherit: each is good to listen on once. */
export type DoorPort = {
  readonly port: number;
  readonly descriptors: readonly number[];
  readonly service: string;
};

/** A port that the ingress listens on, by the descriptor that it inherits. */
export type FrontPort = {
  readonly descriptor: number;
  /** Everything on this port goes to this command; absent: to where the routes say. */
  readonly service?: string;
};

/** The ingress dials the same channel. */
export type IngressAssignment = {
  readonly ports: readonly FrontPort[];
  /** As a worker has them. */
  readonly held: readonly number[];
  readonly http: HttpSettings;
  readonly runId: string;
  readonly workerId: string;
  readonly app: string;
  readonly runDir: string;
  readonly incarnation: string;
  readonly orphanGraceMs: number;
  readonly requestTimeoutMs: number;
  readonly sampleEveryMs: number;
};

/** For the part of ThreadForge inside an existing Node server, in `FORGE_GUEST`. */
export type GuestAssignment = {
  readonly runId: string;
  readonly workerId: string;
  readonly runDir: string;
  /** Where the server listens instead of on the port that it asks for. */
  readonly port: number;
  /** What NODE_OPTIONS was before: the server's own children get it back, and no guest. */
  readonly nodeOptions?: string;
  readonly orphanGraceMs: number;
  readonly sampleEveryMs: number;
};

export type ToSupervisor =
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly runId: string;
      readonly workerId: string;
      readonly pid: number;
      /** By which it proves who it is to other workers; the same as long as the process lives. */
      readonly key?: string;
      /** Services that those in it may call: of the others it is told nothing. Absent: it is told all. */
      readonly connects?: readonly string[];
      /** From inside a program that is not ours. */
      readonly isGuest?: true;
    }
  /** First word of a worker's watchdog, which speaks on a connection of its own. */
  | {
      readonly type: 'watch';
      readonly version: number;
      readonly runId: string;
      readonly workerId: string;
      readonly pid: number;
    }
  /** Service → why it is not well, of those that are not. */
  | { readonly type: 'health'; readonly unhealthy: Readonly<Record<string, string>> }
  /** The event loop has not turned for so long; repeated every second. */
  | { readonly type: 'blocked'; readonly forMs: number; readonly stack: string }
  | { readonly type: 'unblocked' }
  /** What held the event loop, which is delayed again and again; it had done so for this long. */
  | { readonly type: 'stalled'; readonly forMs: number; readonly stack: string }
  /** Contracts are known and sockets bound: the routing table may name this worker. */
  | { readonly type: 'bound'; readonly contracts: Readonly<Record<string, Contract>> }
  /** `onStart` of every service that did not fail has resolved. */
  | {
      readonly type: 'ready';
      readonly contracts: Readonly<Record<string, Contract>>;
      readonly failed: readonly { readonly service: string; readonly error: string }[];
      /** It has been told to drain already, by an earlier supervisor. */
      readonly draining?: boolean;
    }
  | { readonly type: 'sample'; readonly sample: WorkerSample }
  /** Its last sample holds until it says something else; repeated while it does. */
  | { readonly type: 'rest' }
  /** Whatever this process sends from now on goes where the table of this generation says. */
  | { readonly type: 'routed'; readonly generation: number }
  | { readonly type: 'drained' }
  /** The answer to the question of this id. */
  | { readonly type: 'slowest'; readonly id: number; readonly calls: readonly KeptCall[] }
  /** From a guest: its server wanted to listen on this port. */
  | { readonly type: 'asked'; readonly port: number }
  /** From the ingress: what it saw of a process that cannot say it itself. */
  | Observed;

export type Observed = {
  readonly type: 'observed';
  readonly workerId: string;
  readonly sample: ServiceSample;
  /** The ingress sends it nothing more. */
  readonly isLeft: boolean;
};

export type ToWorker =
  | { readonly type: 'routes'; readonly table: RoutingTable }
  /** The routing table that this worker starts from has arrived: run `onStart`. */
  | {
      readonly type: 'start';
      /** Others serve already: it gets requests at once, and may block at once. */
      readonly isLate?: true;
    }
  /** All that were to be started are up: what was put off until then may be done. */
  | { readonly type: 'settled' }
  /**
   * No new request comes after this; answer `drained` when none is in flight. To be sent when
   * everyone who routes has answered `routed` to a table that calls this worker draining.
   */
  | { readonly type: 'drain' }
  /** All that is still open: to be held for the next supervisor, and to accept on as a worker. */
  | { readonly type: 'ports'; readonly held: readonly number[]; readonly doors: readonly number[] }
  /** From now on a sample so often. */
  | { readonly type: 'pace'; readonly sampleEveryMs: number }
  /** While its last sample holds it may be silent for so long, once it has said `rest`. */
  | { readonly type: 'rest'; readonly forMs: number }
  /** Which calls of a service took longest in the last minute? */
  | { readonly type: 'slowest'; readonly id: number; readonly service: string }
  /** To the ingress: how it serves from now on. */
  | { readonly type: 'http'; readonly http: HttpSettings }
  /** Run `onStop(reason)` and exit 0. */
  | { readonly type: 'stop'; readonly reason: string };
