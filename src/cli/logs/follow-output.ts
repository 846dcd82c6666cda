import { setTimeout as pause } from 'node:timers/promises';
import type { LogCursor, LogLine } from '../../protocol/logs.ts';

const lookEveryMs = 200;

/** Prints what workers write that start from now on, their name before each line. */
export const followOutput = (folder: string, print: (text: string) => void): AsyncDisposable => {
  const end = new AbortController();
  const following = follow(folder, print, end.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await following;
    },
  };
};

const follow = async (
  folder: string,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  // Whatever started before is passed over.
  let cursor: LogCursor = { opened: Date.now() - 1, offsets: {} };
  const { logsDir } = await import('../../supervisor/logs/names.ts');
  const { readPage } = await import('../../supervisor/logs/reader/read-page.ts');
  const logs = logsDir(folder);
  for (let isLast = false; ; ) {
    const page = await readPage(logs, { services: [], cursor });
    cursor = page.cursor;
    for (const line of page.lines) if (line.line !== '') print(withName(line));
    if (!page.isCaughtUp) continue;
    if (isLast) return;
    isLast = signal.aborted;
    if (!isLast) await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
};

/** A service alone in its workers lends them its name. */
const withName = ({ worker, line }: LogLine): string =>
  `${worker.replace(/^_isolated:/, '')} | ${line}\n`;
