import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CopiedApp, copyApp, startCopy } from '../helpers/app-copy.ts';
import { answers, exitOf, forge, launch, main, makeRunDir } from '../helpers/forge.ts';
import { actionsOf, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';

const source = 'test/fixtures/apps/drains';

const linesOf = (directory: string, file: string): readonly string[] =>
  readFileSync(join(directory, file), { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter((line) => line !== '');

/** A request that is in flight when the promise resolves; its own promise is in an object. */
const slowRequest = async (app: CopiedApp, ms: number) => {
  await answers(`${app.http}/slow/0`);
  const answer = fetch(`${app.http}/slow/${ms}`).then(
    ({ status }) => status,
    () => 'cut off' as const,
  );
  await expect.poll(() => linesOf(app.directory, 'arrivals.txt')).toContain(String(ms));
  return { answer };
};

test('SIGTERM answers what is in flight, stops in reverse order and ends with 0 [B3]', async () => {
  await using app = await startCopy(source);
  const { answer } = await slowRequest(app, 700);

  process.kill(app.pid, 'SIGTERM');

  expect(await answer).toBe(200);
  expect(await app.exited).toBe(0);
  expect(linesOf(app.directory, 'stops.txt')).toEqual(['front', 'back']);
  expect(app.processes()).toEqual([]);
});

test('a second SIGTERM kills what still drains', async () => {
  await using app = await startCopy(source);
  const { answer } = await slowRequest(app, 50_000);

  // Its last moments are part of it: whoever is done has ended as asked, however often it was told.
  const insist = setInterval(() => {
    try {
      process.kill(app.pid, 'SIGTERM');
    } catch {
      clearInterval(insist);
    }
  }, 5);
  const code = await app.exited.finally(() => clearInterval(insist));

  expect(code).toBe(0);
  expect(await answer).toBe('cut off');
  expect(app.processes()).toEqual([]);
});

test('Ctrl-C during the start ends everything that was started, with 130 [B4]', async () => {
  using folder = copyApp(source);
  using run = makeRunDir();
  const env = { ...run.env, NEVER_READY: 'yes' };
  const child = launch(['start', '--headless', '--app', folder.directory], { env });
  const exited = exitOf(child);
  await expect.poll(() => run.processes().length).toBe(4);

  child.kill('SIGINT');

  expect(await exited).toBe(130);
  expect(run.processes()).toEqual([]);
  expect(readdirSync(run.directory)).toEqual([]);
});

test('SIGHUP reloads group after group and stops nothing', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);

  process.kill(app.pid, 'SIGHUP');

  const after = await statusWhen(app, (status) =>
    pidsOf(status).every((pid) => !pidsOf(before).includes(pid)),
  );
  expect(after.supervisor).toEqual(before.supervisor);
  const reloads = (await actionsOf(app)).map(({ kind, status, why }) => ({ kind, status, why }));
  expect(reloads).toEqual([
    { kind: 'reload', status: 'done', why: 'SIGHUP' },
    { kind: 'reload', status: 'done', why: 'SIGHUP' },
  ]);
});

test('a terminal that closes takes neither the app nor a request with it [B4]', async () => {
  using folder = copyApp(source);
  using run = makeRunDir();
  const { directory } = folder;
  const command = `exec ${process.execPath} ${main} start --app ${directory} --http 0`;
  const terminal = spawn('script', ['-q', '-f', '-c', command, join(directory, 'screen.txt')], {
    env: { ...process.env, ...run.env },
    stdio: 'ignore',
  });
  const screen = (): string => linesOf(directory, 'screen.txt').join('\n');
  await expect.poll(screen).toContain('ready drains 2 services');
  const http = /http:\/\/[\w.:]+/.exec(screen())?.[0] ?? '';
  await answers(`${http}/slow/0`);
  const inFlight = fetch(`${http}/slow/500`);

  terminal.kill('SIGKILL');

  expect((await inFlight).status).toBe(200);
  // What the supervisor has to say now goes nowhere, and hurts nobody.
  const [victim = 0] = pidsOf(await statusOf(run));
  process.kill(victim, 'SIGKILL');
  await statusWhen(
    run,
    ({ services }) =>
      services.every(({ status }) => status === 'ready') &&
      services.every(({ workers }) => workers.every(({ pid }) => pid !== victim)),
  );
  await answers(`${http}/slow/1`);
  expect((await forge(['stop', '--app', directory], run)).code).toBe(0);
  await expect.poll(run.processes).toEqual([]);
});

test('SIGUSR1 opens no debugger in a worker', async () => {
  await using app = await startCopy(source);
  const [pid = 0] = pidsOf(await statusOf(app));
  process.kill(pid, 'SIGUSR1');
  await answers(`${app.http}/slow/1`);
  expect(pidsOf(await statusOf(app))).toContain(pid);
  const { stdout } = await app.forge('logs');
  expect(stdout).toContain('takes 1 ms');
  expect(stdout).not.toContain('Debugger listening');
});
