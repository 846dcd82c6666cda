import { refused } from '../protocol/errors.ts';
import { ms } from '../protocol/units.ts';
import { preferencesFile, readPreferences, runningApps, watchPreferences } from './preferences.ts';
import { Session, type SessionOptions } from './session.ts';
import { showAt } from './state/replay.ts';
import { said } from './state/state.ts';
import { bounds, type Recorded, toTape } from './state/tape.ts';
import { type Guest, Top } from './top.ts';

type LookOptions = {
  readonly ascii: boolean;
  readonly mouse: boolean;
  /** No bell and no notification. */
  readonly quiet: boolean;
  readonly board?: Guest;
  readonly edit?: Guest;
};

export type TopOptions = SessionOptions & LookOptions;

type ReplayOptions = LookOptions & { readonly file: string; readonly recorded: Recorded };

/** Opens the console on this terminal; answers the exit code. */
export const openTop = async (options: TopOptions): Promise<number> => {
  needsTerminal();
  const { env } = process;
  const file = preferencesFile(env);
  const preferences = readPreferences(file);
  const { keys, contexts = [] } = preferences;
  const session = new Session(options, {
    contexts: [...runningApps(env, options.socketPath), ...contexts],
    ...(keys === undefined ? {} : { keyNames: keys }),
  });
  await session.open();
  const top = new Top(session, { ...options, preferences });
  using _watched = watchPreferences(
    file,
    (written) => top.adopt(written),
    (problem) => session.change((state) => said(state, problem)),
  );
  return await top.run();
};

/** The same on what was recorded, from its first moment on; no supervisor is asked. */
export const openReplay = async ({ file, recorded, ...look }: ReplayOptions): Promise<number> => {
  needsTerminal();
  const preferences = readPreferences(preferencesFile(process.env));
  const tape = toTape(recorded);
  const [at] = bounds(tape);
  const session = new Session(
    { socketPath: '', readOnly: false, everyMs: ms(1_000) },
    {
      replay: { at, tape, file, isPlaying: false, speed: 1 },
      ...(preferences.keys === undefined ? {} : { keyNames: preferences.keys }),
    },
  );
  session.change((state) => showAt(state, at));
  return new Top(session, { ...look, preferences }).run();
};

const needsTerminal = (): void => {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw refused('The console needs a terminal', 'Use `forge top --once` or `forge status --json`.');
};
