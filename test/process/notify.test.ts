import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { answers } from '../helpers/forge.ts';
import { openNotifySocket } from '../helpers/notify-socket.ts';
import { eventsOf, pidsOf, statusOf } from '../helpers/status.ts';

const source = 'test/fixtures/apps/drains';

const environmentOf = (pid: number): string => readFileSync(`/proc/${pid}/environ`, 'utf8');

test('a service manager hears that the app is ready, lives, reloads and stops', async () => {
  await using socket = await openNotifySocket();
  const env = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '800000' };
  await using app = await startCopy(source, env);

  await socket.hears(/^WATCHDOG=1$/);
  await socket.hears(/^READY=1$/);
  expect(socket.heard().find(([first]) => first === 'READY=1')).toEqual([
    'READY=1',
    'STATUS=2 of 2 services ready',
  ]);
  const before = socket.heard().length;
  process.kill(app.pid, 'SIGHUP');
  await socket.hears(/^RELOADING=1$/, before);
  expect(await socket.hears(/^MONOTONIC_USEC=/, before)).toMatch(/=\d{6,}$/);
  await socket.hears(/^READY=1$/, before);

  process.kill(app.pid, 'SIGTERM');
  expect(await app.exited).toBe(0);
  await socket.hears(/^STOPPING=1$/);
});

test('under a service manager workers start no supervisor, and cannot speak for it', async () => {
  await using socket = await openNotifySocket();
  await using app = await startCopy(source, { NOTIFY_SOCKET: socket.path });
  const files = readdirSync(app.env['FORGE_RUN_DIR'] ?? '');
  expect(files).toContain('run.json');
  expect(files).not.toContain('succession.json');
  expect(environmentOf(app.pid)).toContain('NOTIFY_SOCKET');
  for (const pid of pidsOf(await statusOf(app))) {
    expect(environmentOf(pid)).not.toContain('NOTIFY_SOCKET');
  }
});

test('a supervisor that took over says that it is the one to watch', async () => {
  await using socket = await openNotifySocket();
  const env = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '800000', WATCHDOG_PID: '1' };
  // Its config says that workers do start the next supervisor.
  await using app = await startCopy('test/fixtures/apps/hello', env);
  await socket.hears(/^READY=1$/);

  process.kill(app.pid, 'SIGKILL');
  const crashed = await socket.hears(/^MAINPID=/);
  await socket.hears(/^WATCHDOG=1$/);
  expect(crashed).toBe(`MAINPID=${(await statusOf(app)).supervisor.pid}`);

  const before = socket.heard().length;
  expect((await app.forge('upgrade')).code).toBe(0);
  const upgraded = await socket.hears(/^MAINPID=/, before);
  expect(upgraded).toBe(`MAINPID=${(await statusOf(app)).supervisor.pid}`);
  expect(upgraded).not.toBe(crashed);
  const heard = socket.heard().flat();
  expect(heard).not.toContain('STOPPING=1');
  // Workers that miss the one which left have started no third one.
  expect(heard.filter((each) => each.startsWith('MAINPID='))).toEqual([crashed, upgraded]);
});

test('without systemd-notify the app runs, and says once that systemd does not hear it', async () => {
  await using socket = await openNotifySocket();
  const env = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '100000', PATH: '/nowhere' };
  await using app = await startCopy(source, env);
  const troubles = async (): Promise<readonly string[]> =>
    (await eventsOf(app)).map(({ text }) => text).filter((text) => text.includes('systemd'));

  await expect.poll(troubles).not.toEqual([]);
  await answers(`${app.http}/slow/1`);
  expect(await troubles()).toEqual([
    'systemd does not hear how the app is: systemd-notify is not installed',
  ]);
});
