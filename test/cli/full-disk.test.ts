import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { logsSchema, statusSchema } from '../../src/protocol/schema.ts';
import { limitFileSize } from '../helpers/file-limit.ts';
import { type TalkApp, talkFolder } from '../helpers/talk.ts';

test('a worker on a full disk goes on serving, and says what was lost when there is room again', async () => {
  using folder = talkFolder();
  await using app = await folder.start();
  const before = await workerOf(app);
  await app.say('users', 'before');

  limitFileSize(before.pid, 1_000);
  for (let number = 0; number < 20; number += 1)
    await app.say('users', `${number} ${'x'.repeat(90)}`);
  limitFileSize(before.pid, 'unlimited');
  await app.say('users', 'after');

  const { stdout } = await app.forge('logs', 'main', '--json');
  const { lines } = v.parse(logsSchema, JSON.parse(stdout));
  const [notice, last] = lines.slice(-2).map(({ line }) => JSON.parse(line) as { msg: string });
  expect(notice?.msg).toMatch(/^\d\d writes to this log were lost \(EFBIG\)$/);
  expect(last?.msg).toBe('after');
  expect(await workerOf(app)).toEqual(before);
});

const workerOf = async (
  app: TalkApp,
): Promise<{ readonly pid: number; readonly restarts: number }> => {
  const { stdout } = await app.forge('status', '--json');
  const { services } = v.parse(statusSchema, JSON.parse(stdout));
  const [worker] = services.find(({ name }) => name === 'users')?.workers ?? [];
  return { pid: worker?.pid ?? 0, restarts: worker?.restarts ?? -1 };
};

test('what a command cannot print is said in a line, and it fails', () => {
  const main = join(import.meta.dirname, '../../dist/cli/main.js');
  const { status, stderr } = spawnSync('sh', [
    '-c',
    `"$0" ${main} --help > /dev/full`,
    process.execPath,
  ]);
  expect([status, String(stderr)]).toEqual([
    1,
    'forge: The output cannot be written: ENOSPC: no space left on device, write\n',
  ]);
});
