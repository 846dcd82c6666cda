import type { Action, ActionRequest, Actor, Plan } from '../action.ts';
import type { Advice } from '../advice.ts';
import type { AllocationReport } from '../allocation.ts';
import type { AutopilotMode } from '../autopilot.ts';
import type { Calibration } from '../calibration.ts';
import type { ConfigChange } from '../config-change.ts';
import type { Explanation } from '../explanation.ts';
import type { ErrorData } from '../forge-error.ts';
import type {
  HistoryPage,
  HistoryQuery,
  RecordingPage,
  RecordingQuery,
} from '../history/messages.ts';
import type { Inspection } from '../inspection.ts';
import type { LogPage, LogQuery } from '../logs.ts';
import type { Status } from '../metrics.ts';
import type { Severity } from '../severity.ts';
import type { SlowCalls } from '../slow-calls.ts';
import type { RoutingTable } from '../topology.ts';

/** Console ↔ supervisor: one JSON object a line on `control.sock`. */
export const controlProtocolVersion = 1;

/** From this line on a relay passes on what the supervisor says; before it a shell may have spoken. */
export const relayBegins = 'forge relay 1\n';

/** No snapshot is sent sooner than this after the one before, and none later, whoever asks. */
export const snapshotPaceMs = { fastest: 200, slowest: 10_000 } as const;

export type Role = 'viewer' | 'operator';

export const eventKinds = [
  'threshold',
  'advice',
  'action',
  'verification',
  'worker',
  'supervisor',
  'logs',
] as const;

/** Something that happened, for the timeline. */
export type TimelineEvent = {
  readonly at: string;
  readonly kind: (typeof eventKinds)[number];
  readonly severity: Severity;
  readonly service: string;
  readonly text: string;
};

/** Last 60 seconds of a service, oldest first, one point a second. */
export type ServiceHistory = { readonly cpu: readonly number[]; readonly p99: readonly number[] };

/** Everything the console draws, all at one moment. */
export type Snapshot = {
  readonly status: Status;
  readonly advice: Advice;
  readonly actions: readonly Action[];
  readonly events: readonly TimelineEvent[];
  readonly history: Readonly<Record<string, ServiceHistory>>;
  /** How many points this supervisor has put into the histories so far. */
  readonly points?: number;
};

export type EventList = { readonly version: 1; readonly events: readonly TimelineEvent[] };

export type ActionList = { readonly version: 1; readonly actions: readonly Action[] };

/** Method → parameters and result. `subscribe` is followed by `snapshot` messages. */
export type ControlMethods = {
  readonly status: { readonly params: object; readonly result: Status };
  readonly advise: { readonly params: object; readonly result: Advice };
  /** How the advisor comes to what it says of a service, or by a recommendation. */
  readonly explain: { readonly params: { readonly of: string }; readonly result: Explanation };
  /** How far the advice so far could be relied on. */
  readonly calibration: { readonly params: object; readonly result: Calibration };
  /** The recent ones, newest first; with a time, in ms since the epoch, all since then. */
  readonly actions: { readonly params: { readonly since?: number }; readonly result: ActionList };
  /** What happened last, oldest first; with a time, in ms since the epoch, what happened since then. */
  readonly events: { readonly params: { readonly since?: number }; readonly result: EventList };
  /** How many workers each group would get of the machine as it is, and why. */
  readonly allocation: { readonly params: object; readonly result: AllocationReport };
  readonly snapshot: { readonly params: object; readonly result: Snapshot };
  readonly subscribe: {
    /** By `newPoints` the snapshots that follow leave out the points that were sent before. */
    readonly params: { readonly everyMs: number; readonly newPoints?: boolean };
    readonly result: Snapshot;
  };
  /** The next lines of the workers, a bounded page at a time: a slow client makes nobody wait. */
  readonly logs: { readonly params: LogQuery; readonly result: LogPage };
  /** Where every service answers: for whoever calls them from this machine. */
  readonly routingTable: { readonly params: object; readonly result: RoutingTable };
  /** What was measured and what happened in a period, a bounded page at a time. */
  readonly history: { readonly params: HistoryQuery; readonly result: HistoryPage };
  /** What the advisor was given in a period, so that one can see it decide again. */
  readonly recording: { readonly params: RecordingQuery; readonly result: RecordingPage };
  readonly metrics: { readonly params: object; readonly result: { readonly text: string } };
  /** Answers when every service is ready or failed; refuses with NOT_READY after the time limit. */
  readonly wait: { readonly params: { readonly timeoutMs: number }; readonly result: Status };
  /** What `apply` or `accept` would do; nothing is changed. */
  readonly plan: {
    readonly params: { readonly request: ActionRequest } | { readonly recommendation: string };
    readonly result: Plan;
  };
  /** Performs an action and answers when it is done. The same `id` twice is one action. */
  readonly apply: {
    readonly params: { readonly id: string; readonly request: ActionRequest; readonly why: string };
    readonly result: Action;
  };
  /** Accepts a recommendation: performs its action, or (migrate, investigate) notes it as seen. */
  readonly accept: {
    readonly params: {
      readonly id: string;
      readonly recommendation: string;
      /** As many as were shown; as many as are advised now, when it is absent. */
      readonly workers?: number;
    };
    readonly result: Action;
  };
  /** What only somebody who looks into one service needs to know. */
  readonly inspect: { readonly params: { readonly service: string }; readonly result: Inspection };
  /** The calls of a service that took longest in the last minute: each worker is asked for its own. */
  readonly slowest: { readonly params: { readonly service: string }; readonly result: SlowCalls };
  /**
   * Puts advice away: as wrong, or (snoozed) only as nothing to do now. How long is the advisor's
   * to say when `forMs` is absent.
   */
  readonly dismiss: {
    readonly params: {
      readonly recommendation: string;
      readonly why: string;
      readonly forMs?: number;
      readonly isSnoozed?: boolean;
    };
    readonly result: object;
  };
  readonly undo: { readonly params: { readonly action?: string }; readonly result: Action };
  readonly stop: { readonly params: { readonly timeoutMs: number }; readonly result: object };
  /**
   * Goes over to what the config file says now; the layout that operators made stays. With names of
   * services or groups only they do, and whoever shares workers with them.
   */
  readonly reconfigure: {
    readonly params: { readonly services?: readonly string[] };
    readonly result: Status;
  };
  /** What the config file says now, and what runs does not. */
  readonly differences: {
    readonly params: object;
    readonly result: { readonly version: 1; readonly changes: readonly ConfigChange[] };
  };
  /** Whether the autopilot only watches, suggests or acts; kept until somebody says otherwise. */
  readonly autopilot: {
    readonly params: { readonly mode: AutopilotMode };
    readonly result: Status;
  };
  /** Gives the app to the supervisor whose file this is; answers its pid and hangs up. */
  readonly upgrade: {
    readonly params: { readonly entry: string };
    readonly result: { readonly pid: number };
  };
};

/** So long a client may have the supervisor wait, for an app to be ready or to end. */
export const longestWaitMs = 3_600_000;

export type ControlMethod = keyof ControlMethods;

/** Methods that change something, or lead to where it can be changed, need the role operator. */
const operatorMethods = [
  'apply',
  'accept',
  'dismiss',
  'undo',
  'stop',
  'upgrade',
  'reconfigure',
  'autopilot',
  'routingTable',
] as const satisfies readonly ControlMethod[];

type OperatorMethod = (typeof operatorMethods)[number];

/** What only an operator may ask for. */
export type Order = {
  [M in OperatorMethod]: { readonly method: M; readonly params: ControlMethods[M]['params'] };
}[OperatorMethod];

export const isOrder = (asked: {
  readonly method: ControlMethod;
  readonly params: object;
}): asked is Order => (operatorMethods as readonly ControlMethod[]).includes(asked.method);

export type ClientMessage =
  | { readonly type: 'hello'; readonly version: number; readonly role: Role; readonly actor: Actor }
  | {
      readonly type: 'request';
      readonly id: number;
      readonly method: ControlMethod;
      readonly params: object;
    };

export type ServerMessage =
  | { readonly type: 'hello'; readonly version: number; readonly app: string; readonly pid: number }
  | { readonly type: 'reply'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData }
  | {
      readonly type: 'snapshot';
      readonly snapshot: Snapshot;
      /** Its history goes on from that of the snapshot before. */
      readonly newPoints?: true;
    };
