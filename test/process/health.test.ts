import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { statusOf, statusWhen } from '../helpers/status.ts';

const source = 'test/fixtures/apps/hello';

const namesIn = ({ services }: Status) => services.find(({ name }) => name === 'names');

/** Pids of the workers of `names` that answer requests now. */
const answering = async (app: CopiedApp): Promise<ReadonlySet<unknown>> => {
  const answers = await Promise.all(
    Array.from(
      { length: 30 },
      async (_, id) =>
        (await fetch(`${app.http}/who/${id}`)).json() as Promise<{ readonly pid: number }>,
    ),
  );
  return new Set(answers.map(({ pid }) => pid));
};

test.concurrent('a worker whose service is not well gets no calls, and is not ended', async () => {
  await using app = await startCopy(source);
  const [ill, well] = namesIn(await statusOf(app))?.workers ?? [];
  const file = join(app.directory, `ill-${ill?.pid}`);

  writeFileSync(file, '');
  await statusWhen(app, (status) => namesIn(status)?.reason === 'the database is away');
  expect(await answering(app)).toEqual(new Set([well?.pid]));

  rmSync(file);
  const after = await statusWhen(app, (status) => namesIn(status)?.reason === undefined);
  expect(namesIn(after)?.workers.map(({ pid }) => pid)).toEqual([ill?.pid, well?.pid]);
  expect(namesIn(after)?.workers.map(({ restarts }) => restarts)).toEqual([0, 0]);
});

test.concurrent('a worker is ready only when its services say that they are well, and says why not', async () => {
  await using app = await startCopy(source, { START_LIMIT: '5s' });
  writeFileSync(join(app.directory, 'ill'), '');

  const { code, stderr } = await app.forge('reload', 'names');

  expect(code).toBe(3);
  expect(stderr).toContain('not ready within 5 s: names: the database is away');
  rmSync(join(app.directory, 'ill'));
  expect((await app.forge('reload', 'names')).code).toBe(0);
});
