import { existsSync, readdirSync, rmSync } from 'node:fs';
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

test('an app whose supervisor lives and cannot be talked to is stopped by a signal', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const runDir = app.env['FORGE_RUN_DIR'] ?? '';
  rmSync(join(runDir, 'control.sock'));

  const { code, stderr } = await app.forge('stop');

  expect({ code, lines: stderr.split('\n') }).toEqual({
    code: 0,
    lines: [
      `supervisor ${app.pid} does not answer: sent it SIGTERM, waiting for its end`,
      'stopped',
      '',
    ],
  });
  await app.exited;
  expect(app.processes()).toEqual([]);
  expect(readdirSync(runDir)).toEqual([]);
});

test('a supervisor that hangs is named, and stops the app as soon as it goes on', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  process.kill(app.pid, 'SIGSTOP');

  const stopped = await app.forge('stop', '--timeout', '100ms');

  process.kill(app.pid, 'SIGCONT');
  expect(stopped).toMatchObject({ code: 5 });
  expect(stopped.stderr).toContain(
    `Supervisor ${app.pid} does not answer, and has not ended within 0.1 s of SIGTERM`,
  );
  await app.exited;
  expect(app.processes()).toEqual([]);
});

test('what is not running cannot be stopped', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  await app.forge('stop');
  await app.exited;

  expect(await app.forge('stop')).toMatchObject({ code: 4 });
});
