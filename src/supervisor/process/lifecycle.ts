import type { WorkerStatus } from '../../protocol/topology.ts';
import type { Instant } from '../../protocol/units.ts';
import { type AlarmEffect, arm, armBy, count, disarm } from './alarm.ts';
import { crashReason } from './crash-reason.ts';
import { type Policy, pauseMs } from './policy.ts';

type History = {
  /** Crashes inside the sliding window. */
  readonly crashes: readonly Instant[];
  readonly restarts: number;
  /** How often there was no room for its process since it ended by itself. */
  readonly denials: number;
};

export type State = History &
  (
    | { readonly status: 'waiting' }
    | { readonly status: 'starting'; readonly late?: string }
    | { readonly status: 'ready' }
    | { readonly status: 'draining'; readonly isTold: boolean }
    | { readonly status: 'stopping'; readonly step: 'asked' | 'terminated' | 'killed' }
    | { readonly status: 'stopped' }
    | { readonly status: 'backoff'; readonly reason: string }
    | { readonly status: 'failed'; readonly reason: string }
  );

export type Event =
  | { readonly type: 'start' }
  /** An earlier supervisor started it, and it lives. */
  | { readonly type: 'adopt'; readonly restarts: number }
  /** Not too many others are starting. */
  | { readonly type: 'proceed' }
  /** It waits for its turn to run `onStart`; waiting is not its fault. */
  | { readonly type: 'bound' }
  | { readonly type: 'begin' }
  | { readonly type: 'ready' }
  /** `jitter` is 0–1; the caller draws it. */
  | {
      readonly type: 'exited';
      readonly at: Instant;
      readonly reason: string;
      /** What its services last said of their health, when they were not well. */
      readonly unwell?: string;
      readonly jitter: number;
      /** The system had no room for its process: it never ran. */
      readonly isDenied?: true;
    }
  | { readonly type: 'stop' }
  /** Nobody sends it anything new any more. */
  | { readonly type: 'announced' }
  | { readonly type: 'drained' }
  | { readonly type: 'timeout' }
  /** The time to stop is over for the whole app. */
  | { readonly type: 'kill' };

export type Effect =
  | { readonly type: 'spawn' }
  | AlarmEffect
  | { readonly type: 'send'; readonly message: 'drain' | 'stop' }
  | { readonly type: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' };

export type Transition = { readonly state: State; readonly effects: readonly Effect[] };

type In<S extends WorkerStatus> = Extract<State, { readonly status: S }>;
type Of<E extends Event['type']> = Extract<Event, { readonly type: E }>;
type Handler<S extends WorkerStatus, E extends Event['type']> = (
  state: In<S>,
  event: Of<E>,
  policy: Policy,
) => Transition;

export const initialState: State = { status: 'stopped', crashes: [], restarts: 0, denials: 0 };

const kill: Effect = { type: 'signal', signal: 'SIGKILL' };
const terminate: Effect = { type: 'signal', signal: 'SIGTERM' };
const history = ({ crashes, restarts, denials }: History): History => ({
  crashes,
  restarts,
  denials,
});

const ignore = (state: State): Transition => ({ state, effects: [] });

const wait = (state: State): Transition => ({
  state: { ...history(state), status: 'waiting' },
  effects: [disarm],
});

/** The time that it has runs only from here on. */
const spawn = (state: State, _event: Event, policy: Policy): Transition => ({
  state: { ...history(state), status: 'starting' },
  effects: [{ type: 'spawn' }, arm(policy.startMs)],
});

const stopped = (state: State): Transition => ({
  state: { ...history(state), status: 'stopped' },
  effects: [disarm],
});

const ask = (state: State, _event: Event, policy: Policy): Transition => ({
  state: { ...history(state), status: 'stopping', step: 'asked' },
  effects: [{ type: 'send', message: 'stop' }, armBy(policy.askedByMs)],
});

/** The routing table goes out first, so that no call is on its way when the worker is drained. */
const announce = (state: State, _event: Event, policy: Policy): Transition => ({
  state: { ...history(state), status: 'draining', isTold: false },
  effects: [count, armBy(policy.announcedByMs)],
});

const drain = (state: In<'draining'>, event: Event, policy: Policy): Transition =>
  state.isTold
    ? ask(state, event, policy)
    : {
        state: { ...state, isTold: true },
        effects: [{ type: 'send', message: 'drain' }, armBy(policy.drainedByMs)],
      };

/** A worker that has not opened its channel yet hears no message, only the signal. */
const interrupt = (state: State, _event: Event, policy: Policy): Transition => ({
  state: { ...history(state), status: 'stopping', step: 'terminated' },
  effects: [count, { type: 'send', message: 'stop' }, terminate, armBy(policy.goneByMs)],
});

const finish = (state: State): Transition => ({
  state: { ...history(state), status: 'stopping', step: 'killed' },
  effects: [kill, disarm],
});

const insist = (state: In<'stopping'>, _event: Event, policy: Policy): Transition =>
  state.step === 'asked'
    ? { state: { ...state, step: 'terminated' }, effects: [terminate, armBy(policy.goneByMs)] }
    : state.step === 'terminated'
      ? finish(state)
      : ignore(state);

const giveUpStart = (state: In<'starting'>, _event: Event, policy: Policy): Transition => ({
  state: { ...state, late: `not ready within ${policy.startMs / 1_000} s` },
  effects: [kill, disarm],
});

/** Nobody's fault, and so no crash: it is tried again, later and later, for as long as it takes. */
const denied = (state: State, { reason, jitter }: Of<'exited'>, policy: Policy): Transition => ({
  state: { ...history(state), status: 'backoff', denials: state.denials + 1, reason },
  effects: [arm(pauseMs(state.denials, jitter, policy.denied))],
});

/** The first crash is answered at once, the next ones later and later, too many not at all. */
const crashed = (state: State, event: Of<'exited'>, policy: Policy): Transition => {
  if (event.isDenied) return denied(state, event, policy);
  const { intensity } = policy;
  const reason = crashReason(state, event);
  const since = event.at - intensity.periodMs;
  const crashes = [...state.crashes.filter((at) => at > since), event.at];
  const restarts = state.restarts + 1;
  if (crashes.length >= intensity.crashes) {
    const many = `${reason} (${crashes.length} crashes in ${intensity.periodMs / 1_000} s)`;
    const failed = { ...history(state), crashes, reason: many };
    return { state: { ...failed, status: 'failed' }, effects: [disarm] };
  }
  const next = { crashes, restarts, denials: 0 };
  if (crashes.length === 1) return wait({ status: 'stopped', ...next });
  return {
    state: { status: 'backoff', ...next, reason },
    effects: [arm(pauseMs(crashes.length - 2, event.jitter, policy.backoff))],
  };
};

/** Every status answers every event; a cell that does nothing says `ignore`. */
const table: {
  readonly [S in WorkerStatus]: { readonly [E in Event['type']]: Handler<S, E> };
} = {
  waiting: {
    start: ignore,
    adopt: ignore,
    proceed: spawn,
    bound: ignore,
    begin: ignore,
    ready: ignore,
    exited: ignore,
    stop: stopped,
    announced: ignore,
    drained: ignore,
    timeout: ignore,
    kill: stopped,
  },
  starting: {
    start: ignore,
    adopt: ignore,
    proceed: ignore,
    bound: (state) => ({ state, effects: [disarm] }),
    begin: (state, _event, policy) => ({ state, effects: [arm(policy.startMs)] }),
    ready: (state) => ({ state: { ...history(state), status: 'ready' }, effects: [disarm] }),
    exited: crashed,
    stop: interrupt,
    announced: ignore,
    drained: ignore,
    timeout: giveUpStart,
    kill: finish,
  },
  ready: {
    start: ignore,
    adopt: ignore,
    proceed: ignore,
    bound: ignore,
    begin: ignore,
    ready: ignore,
    exited: crashed,
    stop: announce,
    announced: ignore,
    drained: ignore,
    timeout: ignore,
    kill: finish,
  },
  draining: {
    start: ignore,
    adopt: ignore,
    proceed: ignore,
    bound: ignore,
    begin: ignore,
    ready: ignore,
    exited: stopped,
    stop: ignore,
    announced: (state, event, policy) =>
      state.isTold ? ignore(state) : drain(state, event, policy),
    drained: ask,
    timeout: drain,
    kill: finish,
  },
  stopping: {
    start: ignore,
    adopt: ignore,
    proceed: ignore,
    bound: ignore,
    begin: ignore,
    ready: ignore,
    exited: stopped,
    stop: ignore,
    announced: ignore,
    drained: ignore,
    timeout: insist,
    kill: finish,
  },
  stopped: {
    start: wait,
    adopt: (state, { restarts }, policy) => ({
      state: { ...history(state), restarts, status: 'starting' },
      effects: [arm(policy.startMs)],
    }),
    proceed: ignore,
    bound: ignore,
    begin: ignore,
    ready: ignore,
    exited: ignore,
    stop: ignore,
    announced: ignore,
    drained: ignore,
    timeout: ignore,
    kill: ignore,
  },
  backoff: {
    start: wait,
    adopt: ignore,
    proceed: ignore,
    bound: ignore,
    begin: ignore,
    ready: ignore,
    exited: ignore,
    stop: stopped,
    announced: ignore,
    drained: ignore,
    timeout: wait,
    kill: stopped,
  },
  failed: {
    start: (state) => wait({ ...state, crashes: [] }),
    adopt: ignore,
    proceed: ignore,
    bound: ignore,
    begin: ignore,
    ready: ignore,
    exited: ignore,
    stop: stopped,
    announced: ignore,
    drained: ignore,
    timeout: ignore,
    kill: stopped,
  },
};

/** What a worker does next. Pure: time and chance are in the event. */
export const transition = (state: State, event: Event, policy: Policy): Transition => {
  // The table's own type pairs each handler with its status and event; indexing by both loses that.
  const handler = table[state.status][event.type] as Handler<WorkerStatus, Event['type']>;
  return handler(state as never, event as never, policy);
};
