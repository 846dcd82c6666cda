import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { actionListSchema } from '../../src/protocol/schema.ts';
import { copyApp, startCopy } from '../helpers/app-copy.ts';
import { forge } from '../helpers/forge.ts';
import { snapshotWhen } from '../helpers/snapshots.ts';

test('what was done, refused and seen is told by a running app, and by its files afterwards', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const file = join(app.directory, 'hour.gz');
  await app.forge('scale', 'names', '3');
  await app.forge('scale', 'names', '99');
  await snapshotWhen(app, ({ history }) => (history['names']?.cpu.length ?? 0) > 2);
  const exported = await app.forge('history', 'export', file);
  expect(exported).toMatchObject({ code: 0, stdout: '', stderr: `wrote ${file}\n` });
  const seen = JSON.parse((await app.forge('advise', '--replay', file, '--json')).stdout);
  expect(seen).toMatchObject({ version: 1, app: 'hello', cases: [] });
  expect(seen.seconds).toBeGreaterThan(2);

  expect((await app.forge('stop')).code).toBe(0);
  const { stdout } = await app.forge('actions', '--since', '1h', '--json');
  const { actions } = v.parse(actionListSchema, JSON.parse(stdout));
  expect(actions.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
    'stop done',
    'scale failed',
    'scale done',
  ]);
  expect(actions[1]).toMatchObject({ error: 'names may have 1 to 8 workers, not 99' });
  const text = (await app.forge('actions')).stdout;
  expect(text).toMatch(/scale names {2}names×2 → names×3 {2}done {2}by \S+/);
  const again = JSON.parse((await app.forge('advise', '--since', '1h', '--json')).stdout);
  expect(again.seconds).toBeGreaterThanOrEqual(seen.seconds);
  expect((await app.forge('advise', '--since', '1h')).stdout).toContain('s are recorded from');
});

test('a history that is none is an error that says so', async () => {
  using folder = copyApp('test/fixtures/apps/hello');
  const { directory } = folder;
  const ask = (...args: readonly string[]) =>
    forge([...args, '--app', directory], { env: { FORGE_RUN_DIR: join(directory, 'run') } });
  const file = join(directory, 'cut.gz');
  const golden = readFileSync('test/golden/history-v1.gz');
  writeFileSync(file, golden.subarray(0, golden.length / 2));
  for (const [problem, args] of [
    ['Nothing is recorded of the app', ['advise', '--since', '1h']],
    ['Nothing is recorded of the app', ['history', 'export', join(directory, 'out.gz')]],
    ['is no history that can be read', ['advise', '--replay', file]],
    ['is no history that can be read', ['advise', '--replay', join(directory, 'none')]],
    ['A file has a beginning of its own', ['advise', '--replay', file, '--since', '1h']],
  ] as const) {
    const { code, stdout, stderr } = await ask(...args);
    expect({ args, stdout, isTold: stderr.includes(problem) && code > 0 }).toEqual({
      args,
      stdout: '',
      isTold: true,
    });
  }
});
