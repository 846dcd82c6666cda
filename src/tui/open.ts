import { refused } from '../protocol/errors.ts';
import type { LinkOptions } from './link.ts';
import { Session } from './session.ts';
import { themeFrom } from './theme.ts';
import { Top } from './top.ts';

export type TopOptions = LinkOptions & { readonly ascii: boolean; readonly mouse: boolean };

/** Opens the console on this terminal; answers the exit code. */
export const openTop = async ({ ascii, mouse, ...options }: TopOptions): Promise<number> => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw refused(
      'The console needs a terminal',
      'Use `forge top --once` or `forge status --json`.',
    );
  }
  const session = new Session(options);
  await session.open();
  return new Top(session, { theme: themeFrom(process.env, ascii), mouse }).run();
};
