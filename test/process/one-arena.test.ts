import { expect, test } from 'vitest';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { processesWith } from '../helpers/marked-processes.ts';
import { nextSupervisor } from '../helpers/status.ts';

const source = 'test/fixtures/apps/hello';

/** Of the app's processes, those that have been given a number of arenas. */
const given = (app: CopiedApp, arenas: number): readonly number[] => {
  const all = new Set(app.processes());
  return processesWith(`MALLOC_ARENA_MAX=${arenas}\0`).filter((pid) => all.has(pid));
};

test('a supervisor has one arena, the next one too, and a worker as many as it would have', async () => {
  await using app = await startCopy(source);
  expect(given(app, 1)).toEqual([app.pid]);

  process.kill(app.pid, 'SIGKILL');
  const { supervisor } = await nextSupervisor(app, app.pid);

  expect(given(app, 1)).toEqual([supervisor.pid]);
});

test('a number of arenas that somebody chose holds for all processes of the app', async () => {
  await using app = await startCopy(source, { MALLOC_ARENA_MAX: '3' });

  expect(given(app, 3).toSorted()).toEqual(app.processes().toSorted());
});
