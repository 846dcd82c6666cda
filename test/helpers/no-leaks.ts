import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * After the suite no process that it started is alive. Every child inherits the mark in its
 * environment; the runner's own processes are those alive before the first test.
 */
export default function setup(): () => Promise<void> {
  const mark = `FORGE_TEST_RUN=${randomUUID()}`;
  process.env['FORGE_TEST_RUN'] = mark.split('=')[1];
  return async () => {
    const left = await stillAlive(mark, Date.now() + 5_000);
    if (left.length > 0) throw new Error(`The suite left processes behind:\n${left.join('\n')}`);
  };
}

/** A process that was told to end may need a moment; one that stays is a leak. */
const stillAlive = async (mark: string, until: number): Promise<readonly string[]> => {
  const left = marked(mark);
  if (left.length === 0 || Date.now() > until) return left;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return stillAlive(mark, until);
};

const marked = (mark: string): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(mark))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`)
    .filter((line) => !line.includes('vitest'));

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
};
