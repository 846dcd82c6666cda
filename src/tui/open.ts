import { refused } from '../protocol/errors.ts';
import type { LinkOptions } from './link.ts';
import { preferencesFile, readPreferences, runningApps } from './preferences.ts';
import { Session } from './session.ts';
import { Top } from './top.ts';

export type TopOptions = LinkOptions & {
  readonly ascii: boolean;
  readonly mouse: boolean;
  /** No bell and no notification. */
  readonly quiet: boolean;
};

/** Opens the console on this terminal; answers the exit code. */
export const openTop = async (options: TopOptions): Promise<number> => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw refused(
      'The console needs a terminal',
      'Use `forge top --once` or `forge status --json`.',
    );
  }
  const { env } = process;
  const preferences = readPreferences(preferencesFile(env));
  const { keys, contexts = [] } = preferences;
  const session = new Session(options, {
    contexts: [...runningApps(env, options.socketPath), ...contexts],
    ...(keys === undefined ? {} : { keyNames: keys }),
  });
  await session.open();
  return new Top(session, { ...options, preferences }).run();
};
