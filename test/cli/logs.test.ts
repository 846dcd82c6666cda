import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logsSchema } from '../../src/protocol/schema.ts';
import { type TalkApp, type TalkFolder, talkFolder } from '../helpers/talk.ts';
import { openTerminal } from '../helpers/terminal.ts';

const follow = (app: TalkApp, folder: TalkFolder, ...args: readonly string[]) =>
  openTerminal(['logs', '-f', '--app', folder.directory, ...args], {
    columns: 120,
    rows: 40,
    env: app.env,
  });

describe('the logs of a running app', () => {
  let folder: TalkFolder;
  let app: TalkApp;

  beforeAll(async () => {
    folder = talkFolder();
    app = await folder.start();
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const logs = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await app.forge('logs', ...args)).stdout.split('\n').filter((line) => line !== '');

  test('a line is there as soon as it is written', async () => {
    await app.say('users', 'just now');
    expect((await logs('users')).at(-1)).toMatch(
      /^\S+Z {2}main#1\/users {2}info {3}just now name=users$/,
    );
  });

  test('a service, a group, a level and an expression each choose lines', async () => {
    await app.say('orders', 'that went wrong', 'error');
    const [last, ...rest] = await logs('orders', '--level', 'error');
    expect(last).toContain('main#1/orders  error  that went wrong');
    expect(rest).toEqual([]);
    expect((await logs('--grep', 'starts in plain')).map((line) => line.slice(26))).toEqual([
      'main#1         users starts in plain text',
      'main#1         orders starts in plain text',
    ]);
    expect((await logs('main')).length).toBeGreaterThan(2);
    expect(await logs('--since', '2100-01-01')).toEqual([]);
  });

  test('JSON has each line exactly as it was written', async () => {
    const { stdout } = await app.forge('logs', 'mailer', '--json');
    const { lines } = v.parse(logsSchema, JSON.parse(stdout));
    expect(lines[0]).toMatchObject({ service: 'mailer', worker: '_isolated:mailer#1' });
    expect(lines[0]?.line).toBe('\u001b[2J\u001b[31mred\u001b[0m\u0007 \u202eevil\u0000 end');
    expect(lines[1]?.level).toBe('warn');
    expect(JSON.parse(lines[1]?.line ?? '')).toMatchObject({
      msg: 'two\nlines\u001b[1m',
      bytes: 5,
    });
    // A line of another program keeps its text, and is the worker's.
    expect(lines[2]).toMatchObject({ service: 'mailer', line: expect.stringContaining('"pino"') });
  });

  test('on a terminal no line can steer it', async () => {
    const { stdout } = await app.forge('logs', 'mailer');
    const texts = stdout.split('\n').map((line) => line.replace(/^\S+Z /, ''));
    expect(texts.slice(0, 3)).toEqual([
      ' mailer#1         red evil end',
      ' mailer#1  warn   two',
      '    lines bytes=5 path="a b"',
    ]);
  });

  test('a follower shows each line as it comes', async () => {
    await using terminal = follow(app, folder, 'users', '--json');
    await app.say('users', 'first');
    await terminal.shows('first');
    await app.say('orders', 'not for this follower');
    await app.say('users', 'second');
    const rows = await terminal.shows('second');
    expect(rows.join('')).not.toContain('not for this follower');
  });

  test('a level that there is not is refused', async () => {
    const { stdout, stderr, code } = await app.forge('logs', '--level', 'loud');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('debug, info, warn, error');
  });

  test('a name that nobody has is refused with those that somebody has', async () => {
    const { code, stderr } = await app.forge('logs', 'oders');
    expect(code).toBe(2);
    expect(stderr).toContain('users, orders, mailer');
  });
});

test('logs are read without a supervisor, also after a start that failed', async () => {
  using folder = talkFolder();
  expect(await folder.forge('logs')).toEqual({ code: 0, stdout: '', stderr: '' });

  writeFileSync(join(folder.directory, 'services/users.mjs'), 'throw new Error("no licence")');
  {
    await using app = await folder.start();
    expect(app.ready).toContain('failed: users, orders');
  }
  const { stdout } = await folder.forge('logs', 'main', '--grep', 'licence');
  expect(stdout).toContain('Error: no licence');
  expect((await folder.forge('logs', 'oders')).code).toBe(2);

  // Not even the config can be loaded, and the logs are there.
  writeFileSync(join(folder.directory, 'forge.config.mjs'), 'throw new Error("typo")');
  expect((await folder.forge('logs', 'main')).stdout).toContain('Error: no licence');
});

test('a follower stays when its supervisor ends, and shows what the next one collects', async () => {
  using folder = talkFolder();
  await using first = await folder.start();
  await using terminal = follow(first, folder, 'users');
  await first.say('users', 'from the first');
  await terminal.shows('from the first');
  await first.forge('stop');

  await using second = await folder.start();
  await second.say('users', 'from the second');
  const rows = await terminal.shows('from the second');
  expect(rows.filter((row) => row.includes('from the first'))).toHaveLength(1);
});

test('lines from before, during and after the death of a supervisor are there, each once', async () => {
  using folder = talkFolder();
  await using app = await folder.start();
  const numbers = Array.from({ length: 30 }, (_, index) => index);
  for (const number of numbers) {
    if (number === 10) process.kill(app.pid, 'SIGKILL');
    await app.say('users', `line ${number}`);
  }
  await app.forge('wait');
  await app.say('users', 'the last line');

  const { stdout } = await app.forge('logs', 'users', '--grep', 'line');
  const said = stdout.split('\n').map((line) => /line \d+|the last line/.exec(line)?.[0]);
  expect(said).toEqual([...numbers.map((number) => `line ${number}`), 'the last line', undefined]);
});
