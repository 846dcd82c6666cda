import { type Millis, ms } from '../protocol/units.ts';

/** SIGINT and SIGTERM stop the app, SIGHUP reloads it. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export type SignalState =
  /** Attended: a terminal shows it. One that closes sends SIGHUP, which asks for nothing. */
  | { readonly status: 'running'; readonly attended: boolean }
  | { readonly status: 'stopping'; readonly since: Millis; readonly exitCode: 0 | 130 }
  | { readonly status: 'killing'; readonly exitCode: 0 | 130 };

export type SignalEffect = 'stop' | 'kill' | 'reload' | 'none';

export type SignalStep = { readonly state: SignalState; readonly effect: SignalEffect };

type Handler<S extends SignalState['status']> = (
  state: Extract<SignalState, { readonly status: S }>,
  at: Millis,
) => SignalStep;

/** A wrapper such as npm passes on the Ctrl-C that the terminal has sent to everybody already. */
const sameKeyMs = ms(500);

const ignore = (state: SignalState): SignalStep => ({ state, effect: 'none' });

const stop =
  (exitCode: 0 | 130): Handler<'running'> =>
  (_state, since) => ({ state: { status: 'stopping', since, exitCode }, effect: 'stop' });

/** The second one is impatience: what still drains is killed. */
const kill: Handler<'stopping'> = (state, at) =>
  at - state.since < sameKeyMs
    ? ignore(state)
    : { state: { status: 'killing', exitCode: state.exitCode }, effect: 'kill' };

const table: { readonly [S in SignalState['status']]: { readonly [N in Signal]: Handler<S> } } = {
  running: {
    SIGINT: stop(130),
    SIGTERM: stop(0),
    SIGHUP: (state) => ({ state, effect: state.attended ? 'none' : 'reload' }),
  },
  stopping: { SIGINT: kill, SIGTERM: kill, SIGHUP: ignore },
  killing: { SIGINT: ignore, SIGTERM: ignore, SIGHUP: ignore },
};

/** What a signal does. Pure: the time is an argument. */
export const onSignal = (state: SignalState, signal: Signal, at: Millis): SignalStep => {
  // The table's own type pairs each handler with its status; indexing by it loses that.
  const handler = table[state.status][signal] as Handler<SignalState['status']>;
  return handler(state as never, at);
};

/** Whoever stops the app with Ctrl-C has interrupted it; SIGTERM and `forge stop` end it as asked. */
export const exitCodeOf = (state: SignalState): 0 | 130 =>
  state.status === 'running' ? 0 : state.exitCode;
