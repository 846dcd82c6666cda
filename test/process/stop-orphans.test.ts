import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';

test('an app whose supervisor died and has no successor is stopped, and finishes what it does', async () => {
  await using app = await startCopy('test/fixtures/apps/drains', { SUCCESSOR: 'none' });
  process.kill(app.pid, 'SIGKILL');
  await app.exited;
  const slow = fetch(`${app.http}/slow/4000`);
  // Longer than a next supervisor is waited for; it asks another service at its end.
  const arrived = join(app.directory, 'arrivals.txt');
  await expect.poll(() => existsSync(arrived)).toBe(true);

  const stopped = await app.forge('stop');

  expect(stopped).toEqual({ code: 0, stdout: '', stderr: 'stopped\n' });
  expect(await (await slow).json()).toEqual({ echo: '4000' });
  expect(app.processes()).toEqual([]);
  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
});

test('what is not running cannot be stopped', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  await app.forge('stop');
  await app.exited;

  expect(await app.forge('stop')).toMatchObject({ code: 4 });
});
