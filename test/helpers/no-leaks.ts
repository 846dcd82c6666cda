import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';

/**
 * After the suite no process that it started is alive, and nothing that it made lies in the
 * temporary folder: no socket, no run directory, no app. Every child inherits the mark and the
 * folder in its environment; the runner's own processes are those alive before the first test.
 */
export default function setup(): () => Promise<void> {
  const mark = `FORGE_TEST_RUN=${randomUUID()}`;
  process.env['FORGE_TEST_RUN'] = mark.split('=')[1];
  // Every app of the tests is a new one, which would compile all of forge anew.
  const compiled = mkdtempSync(join(tmpdir(), 'forge-compiled-'));
  process.env['NODE_COMPILE_CACHE'] = compiled;
  const folder = mkdtempSync(join(tmpdir(), 'forge-suite-'));
  process.env['TMPDIR'] = folder;
  return async () => {
    const left = await leftAfter(Date.now() + 5_000, () => [
      ...marked(mark).map((process) => `process ${process}`),
      ...readdirSync(folder, { recursive: true }).map((path) => `file ${path}`),
    ]);
    rmSync(folder, { recursive: true, force: true });
    // The runner's own processes are ending, and keep there what they have compiled.
    await rm(compiled, { recursive: true, force: true, maxRetries: 10 });
    if (left.length > 0) throw new Error(`The suite left behind:\n${left.join('\n')}`);
  };
}

/** A process that was told to end may need a moment, and then takes its files along. */
const leftAfter = async (
  until: number,
  look: () => readonly string[],
): Promise<readonly string[]> => {
  const left = look();
  if (left.length === 0 || Date.now() > until) return left.slice(0, 50);
  await after(100);
  return leftAfter(until, look);
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
