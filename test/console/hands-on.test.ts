import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { slowCallsSchema } from '../../src/protocol/insight-schema.ts';
import type { SlowCalls } from '../../src/protocol/slow-calls.ts';
import { connect } from '../../src/sdk/control/client.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { actionsOf, nextSupervisor, statusOf } from '../helpers/status.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let app: CopiedApp;

beforeAll(async () => {
  app = await startCopy('test/fixtures/apps/naps');
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const openTop = (...args: readonly string[]): Terminal =>
  openTerminal(['top', '--app', app.directory, '--every', '200', ...args], {
    columns: 130,
    rows: 36,
    env: { ...app.env, NO_COLOR: '1' },
  });

test('r on a worker replaces that one', async () => {
  const pidsOf = async () =>
    (await statusOf(app)).services
      .find(({ name }) => name === 'bed')
      ?.workers.map(({ pid }) => pid) ?? [];
  const [first, second] = await pidsOf();
  await using top = openTop();
  await top.shows('gate');
  top.type(':open bed\r');
  await top.shows(/CPU PER WORKER {2}5 min .* P99 {2}5 min/);
  top.type('2');
  await top.shows('[2 workers]');
  top.type('jr');
  await top.shows('PLAN  Restart house#2, one of 2 workers');
  top.type('y');
  await top.shows('done: restart house#2');
  const now = await pidsOf();
  expect(now).toHaveLength(2);
  expect([now.includes(first ?? 0), now.includes(second ?? 0)]).toEqual([true, false]);
});

/** What took longest in a service, as scripts read it. */
const slowestOf = async (service: string): Promise<SlowCalls> => {
  const { stdout } = await app.forge('explain', service, '--slow', '--json');
  return v.parse(slowCallsSchema, JSON.parse(stdout)) as SlowCalls;
};

test('T tells which calls were slow, who made them, and their traces', async () => {
  await fetch(`${app.http}/nap/120`);
  await Promise.all(Array.from({ length: 40 }, () => fetch(`${app.http}/nap/0`)));

  const { calls, silent } = await slowestOf('bed');
  expect(silent).toEqual([]);
  expect(calls[0]).toMatchObject({ method: 'rest', kind: 'call', from: 'gate', outcome: 'ok' });
  expect(calls[0]?.tookMs).toBeGreaterThanOrEqual(119);
  const times = calls.map(({ tookMs }) => tookMs);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  const [request] = (await slowestOf('gate')).calls;
  expect(request).toMatchObject({ method: 'nap', kind: 'route', from: 'ingress' });
  expect(request?.traceId).toBe(calls[0]?.traceId);

  await using top = openTop();
  await top.shows('gate');
  top.type(':open bed\rT');
  const rows = await top.shows('SLOW CALLS  bed');
  expect(rows.join('\n')).toMatch(new RegExp(`rest +gate +house#\\d +${request?.traceId}`));
});

test('M shows the very steps that forge migrate prints', async () => {
  const { stdout, code } = await app.forge('migrate', 'clock', '--to', 'eu2');
  expect(code).toBe(3);
  await using top = openTop();
  await top.shows('gate');
  top.type(':open clock\rMeu2\r');
  const screen = (await top.shows('PLAN  Move clock to eu2, by hand')).join('\n');
  const onScreen = screen.replaceAll(/[│\s]+/g, ' ');
  for (const step of stdout.trimEnd().split('\n')) {
    expect(onScreen).toContain(step.replace(/^\d+\. /, ''));
  }
  expect(screen).toContain('[ Close ]');
});

test('m lets the autopilot act, which outlives the supervisor, and is no matter of the config', async () => {
  const modeOf = async () => (await statusOf(app)).autopilot?.mode;
  expect(await modeOf()).toBe('suggest');
  await using top = openTop();
  await top.shows('mode: suggest');
  top.type('ma');
  await top.shows('type auto to let it act by itself: _');
  top.type('auto\r');
  await top.shows('the autopilot is set to auto');
  await top.shows(/AUTO {2}● LIVE/);
  expect(await modeOf()).toBe('auto');
  expect((await app.forge('config', 'diff')).stdout).toBe('autopilot  suggest → auto\n');
  const [action] = await actionsOf(app);
  expect(action).toMatchObject({ kind: 'autopilot', why: 'suggest → auto', status: 'done' });

  const { supervisor } = await statusOf(app);
  process.kill(supervisor.pid, 'SIGKILL');
  const next = await nextSupervisor(app, supervisor.pid);
  expect(next.autopilot).toEqual({ mode: 'auto' });
  const back = await app.forge('autopilot', 'suggest', '--json');
  expect(JSON.parse(back.stdout)).toMatchObject({ version: 1, app: 'naps', mode: 'suggest' });
  expect((await app.forge('config', 'diff')).stdout).toBe('what runs is what the config says\n');
  expect((await app.forge('autopilot')).stdout).toBe('suggest\n');
  expect((await app.forge('autopilot', 'on')).code).toBe(2);
  await app.forge('autopilot', 'observe');
  expect((await app.forge('advise')).stdout).toContain('It only observes, and says nothing');
  await app.forge('autopilot', 'suggest');
});

test('a console that only watches cannot choose for the autopilot, whatever it asks', async () => {
  const socketPath = join(app.env['FORGE_RUN_DIR'] ?? '', 'control.sock');
  await using viewer = await connect(socketPath, { role: 'viewer' });
  await expect(viewer.request('autopilot', { mode: 'auto' })).rejects.toMatchObject({
    code: 'READ_ONLY',
  });
});

test('S stops a service when its name is typed, and starts it again', async () => {
  await using top = openTop();
  await top.shows('gate');
  top.type(':open clock\rS');
  await top.shows('PLAN  Stop clock');
  top.type('y');
  await top.shows('type clock to stop it: _');
  top.type('clock\r');
  await top.shows('done: stop clock');
  await top.shows('stopped: by an operator');
  expect((await fetch(`${app.http}/time/0`)).status).toBe(503);
  // What is stopped is no hindrance to the others.
  const all = await app.forge('restart', '--json');
  expect([all.code, JSON.parse(all.stdout).actions.length]).toEqual([0, 2]);
  expect((await app.forge('reload', 'clock')).code).toBe(3);
  top.type('S');
  await top.shows(/PLAN {2}Start clock again, in \d workers of house/);
  top.type('y');
  await top.shows('done: start clock');
  expect((await fetch(`${app.http}/time/0`)).status).toBe(200);
});

test('D and R give new workers what the config says now, and R brings them back while it is broken', async () => {
  const file = join(app.directory, 'forge.config.mjs');
  const config = readFileSync(file, 'utf8');
  const withWord = (word: string): string =>
    config.replace("connects: ['bed']", `connects: ['bed'], env: { WORD: '${word}' }`);
  const gate = async () => {
    const { services } = await statusOf(app);
    const workers = services.find(({ name }) => name === 'gate')?.workers ?? [];
    // The one before it is at hand for a while.
    const pid = workers.find(({ status }) => status === 'ready')?.pid ?? 0;
    const word = /WORD=(\w+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
    return { pid, word };
  };
  await using top = openTop();
  await top.shows('gate');
  top.type(':open gate\r');
  await top.shows(/CPU PER WORKER/);

  writeFileSync(file, withWord('first'));
  top.type('D');
  await top.shows('PLAN  Reload gate');
  top.type('y');
  await top.shows('done: reload gate to 1');
  expect((await gate()).word).toBe('first');

  writeFileSync(file, withWord('second'));
  top.type(':restart gate\r');
  await top.shows('PLAN  Restart');
  top.type('y');
  await top.shows('done: restart gate to 1');
  const second = await gate();
  expect(second.word).toBe('second');

  writeFileSync(file, 'export default {');
  top.type('D');
  await top.shows('PLAN  Reload gate');
  top.type('y');
  await top.shows(/cannot be loaded/);
  expect((await gate()).pid).toBe(second.pid);
  top.type(':restart gate\r');
  await top.shows('PLAN  Restart');
  top.type('y');
  await top.shows('done: restart gate to 1, with the config that runs');
  const third = await gate();
  expect(third.word).toBe('second');
  expect(third.pid).not.toBe(second.pid);

  writeFileSync(file, config);
  expect((await app.forge('reload')).code).toBe(0);
});
