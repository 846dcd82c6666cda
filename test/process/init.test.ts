import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CopiedApp, copyApp, startCopy } from '../helpers/app-copy.ts';
import { answers, exitOf, launch } from '../helpers/forge.ts';

/** A container, as far as processes are concerned: the command is process 1. */
const container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

const start = (): Promise<CopiedApp> => startCopy('test/fixtures/apps/drains', {}, container);

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
};

/** Process 1, by the name that it has outside. */
const initOf = (app: CopiedApp): number =>
  Number(read(`/proc/${app.pid}/task/${app.pid}/children`).trim());

type Child = { readonly pid: number; readonly state: string };

const childrenOf = (parent: number): readonly Child[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      const [state = '', ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(ppid) === parent ? [{ pid: Number(name), state }] : [];
    });

test('as process 1, forge reaps what its workers orphan', async () => {
  await using app = await start();
  await answers(`${app.http}/slow/0`);
  const init = initOf(app);
  expect(childrenOf(init)).toHaveLength(1);

  const pids = [];
  for (const _ of [1, 2, 3]) {
    pids.push(((await (await fetch(`${app.http}/orphan`)).json()) as { pid: number }).pid);
  }

  expect(new Set(pids).size).toBe(3);
  // The three became children of process 1; what is left is the supervisor alone.
  await expect.poll(() => childrenOf(init)).toHaveLength(1);
  expect(childrenOf(init).filter(({ state }) => state === 'Z')).toEqual([]);
});

test.each([
  ['SIGTERM', 0],
  ['SIGINT', 130],
] as const)('process 1 passes %s on, drains, and ends with %d', async (signal, code) => {
  await using app = await start();
  await answers(`${app.http}/slow/0`);
  const inFlight = fetch(`${app.http}/slow/700`);
  const arrivals = join(app.directory, 'arrivals.txt');
  await expect.poll(() => read(arrivals)).toContain('700');

  process.kill(initOf(app), signal);

  expect((await inFlight).status).toBe(200);
  expect(await app.exited).toBe(code);
  expect(read(join(app.directory, 'stops.txt'))).toBe('front\nback\n');
});

test('process 1 survives SIGHUP, and ends with 0 when the app is stopped', async () => {
  await using app = await start();
  process.kill(initOf(app), 'SIGHUP');
  await expect.poll(() => read(join(app.directory, 'stops.txt'))).toContain('front');
  expect((await app.forge('stop')).code).toBe(0);
  expect(await app.exited).toBe(0);
});

test('the exit code of a start that fails is that of the container', async () => {
  using folder = copyApp('test/fixtures/apps/drains');
  const args = ['start', '--headless', '--config', join(folder.directory, 'no.mjs')];
  expect(await exitOf(launch(args, { under: container }))).toBe(2);
});
