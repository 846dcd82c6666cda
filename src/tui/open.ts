import { refused } from '../protocol/errors.ts';
import type { LinkOptions } from './link.ts';
import { Session } from './session.ts';

export type TopOptions = LinkOptions & { readonly ascii: boolean };

/** Opens the console on this terminal. Ink is loaded only now, and only in its production form. */
export const openTop = async ({ ascii, ...options }: TopOptions): Promise<number> => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw refused(
      'The console needs a terminal',
      'Use `forge top --once` or `forge status --json`.',
    );
  }
  process.env['NODE_ENV'] = 'production';
  const session = new Session(options);
  await session.open();
  const { showTop } = await import('./top.tsx');
  return showTop(session, ascii);
};
