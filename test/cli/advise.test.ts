import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { Action } from '../../src/protocol/action.ts';
import type { Advice } from '../../src/protocol/advice.ts';
import { calibrationSchema, explanationSchema } from '../../src/protocol/insight-schema.ts';
import { adviceSchema } from '../../src/protocol/schema.ts';
import { connect } from '../../src/sdk/control/client.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { prefer } from '../helpers/preferred.ts';
import { startSlowDatabase } from '../helpers/slow-database.ts';
import { actionsOf, statusOf } from '../helpers/status.ts';
import { startTraffic } from '../helpers/traffic.ts';

const adviceOf = async ({ forge }: CopiedApp): Promise<Advice> =>
  v.parse(adviceSchema, JSON.parse((await forge('advise', '--json')).stdout)) as Advice;

/** The advice as soon as it is as wanted. */
const adviceWhen = async (
  { env }: CopiedApp,
  isWanted: (advice: Advice) => boolean,
): Promise<Advice> => {
  const socket = join(env['FORGE_RUN_DIR'] ?? '', 'control.sock');
  await using client = await connect(socket, { role: 'viewer' });
  const { promise, resolve } = Promise.withResolvers<Advice>();
  const look = (advice: Advice): void => {
    if (isWanted(advice)) resolve(advice);
  };
  look((await client.subscribe(500, ({ advice }) => look(advice))).advice);
  return await promise;
};

const on = (service: string) => (one: { readonly service: string }) => one.service === service;
const idOn = ({ recommendations }: Advice, service: string): string =>
  recommendations.find(on(service))?.id ?? '';

/** The action as soon as its effect has been measured. */
const verdictOn = async (app: CopiedApp, id: string): Promise<Action> => {
  const action = (await actionsOf(app)).find((one) => one.id === id);
  if (action?.verification !== undefined) return action;
  await after(500);
  return verdictOn(app, id);
};

const limitMs = 180_000;

/** So many that they wait for the database for longer than the critical line, however fast all else is. */
const overloading = (path: string) =>
  ({ kind: 'keep-alive', path, clients: 60, pauseMs: 400 }) as const;

test.concurrent('a scale-up that did not help is found out, and offered to be taken back', {
  timeout: limitMs,
}, async () => {
  using database = await startSlowDatabase(25);
  await using app = await startCopy('test/fixtures/apps/pressed', {
    DATABASE_PORT: String(database.port),
  });
  const quiet = await app.forge('advise');
  expect(quiet.stdout).toContain('Nothing to do: there is no advice.');
  prefer(app);
  await using _traffic = startTraffic(app.http, [overloading('/pooled')]);

  const watched = await app.forge('advise', '--watch', '--json', '--fail-on', 'warning');
  expect([10, 20]).toContain(watched.code);
  const seen = watched.stdout.trimEnd().split('\n');
  for (const line of seen) v.parse(adviceSchema, JSON.parse(line));

  const advice = await adviceWhen(app, ({ recommendations }) => recommendations.some(on('pooled')));
  const explained = await app.forge('explain', idOn(advice, 'pooled'), '--json');
  const explanation = v.parse(explanationSchema, JSON.parse(explained.stdout));
  expect(explanation).toMatchObject({
    service: 'pooled',
    recommendation: { action: 'investigate' },
  });
  expect(explanation.notAdvised.map(({ action }) => action)).toEqual([
    'scale_up',
    'split_out',
    'migrate',
    'scale_down',
    'colocate',
  ]);
  const read = await app.forge('explain', 'pooled');
  expect(read.stdout).toContain('Is it slow because of something outside of the app? YES');

  const byHand = await app.forge('advise', 'accept', idOn(advice, 'pooled'));
  expect([byHand.code, byHand.stderr]).toEqual([3, expect.stringContaining('by hand')]);

  const unknown = await app.forge('advise', 'snooze', 'r-none');
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('r-none')]);
  const why = ['--why', 'the database moves tonight'];
  const dismissed = await app.forge('advise', 'dismiss', idOn(advice, 'pooled'), ...why, '--json');
  const without = v.parse(adviceSchema, JSON.parse(dismissed.stdout));
  expect(without.recommendations.filter(on('pooled'))).toEqual([]);
  const kept = await adviceWhen(app, ({ notAdvised }) => notAdvised.some(on('pooled')));
  expect(kept.notAdvised.find(on('pooled'))?.because).toMatch(
    / put it away until \d\d:\d\d UTC: the database moves tonight$/,
  );

  const scaled = await app.forge('scale', 'pooled', '2', '--json');
  const useless = await verdictOn(app, JSON.parse(scaled.stdout).id);
  expect(useless.verification).toMatchObject({ helped: false });
  expect(useless.verification?.because).toMatch(/^P99 went from \d+ ms to \d+ ms/);
  const told = await app.forge('explain', useless.id);
  expect(told.stdout).toMatch(/^scale pooled {2}done {2}/);
  expect(told.stdout).toMatch(/\n {2}said .*P99 \d+ ms \(\d+ to \d+\)/);
  expect(told.stdout).toContain('\n  verdict  it did not help: P99 went from ');
  const document = await app.forge('explain', useless.id, '--json');
  expect(JSON.parse(document.stdout)).toEqual({ version: 1, action: useless });

  const { undo = [] } = await adviceOf(app);
  expect(undo).toMatchObject([
    { action: useless.id, service: 'pooled', command: `forge undo ${useless.id}` },
  ]);
  expect((await app.forge('advise')).stdout).toContain(`scale pooled did not help\n`);
  const [command = '', ...args] = (undo[0]?.command ?? '').split(' ').slice(1);
  expect((await app.forge(command, ...args)).code).toBe(0);
  expect((await adviceOf(app)).undo).toEqual([]);

  const { stdout } = await app.forge('advise', '--calibration', '--json');
  const calibration = v.parse(calibrationSchema, JSON.parse(stdout));
  expect(calibration.rules.find(({ action }) => action === 'investigate')).toMatchObject({
    dismissed: 1,
    lastWhy: 'the database moves tonight',
  });
  expect((await app.forge('advise', '--calibration')).stdout).toMatch(
    /investigate .* 1 {2}the database moves tonight\n/,
  );
});

test.concurrent('requests that fail are told of, where they fail', {
  timeout: limitMs,
}, async () => {
  await using app = await startCopy('test/fixtures/apps/scenes', { SCENE: 'chain' });
  prefer(app);
  const path = '/front?path=mid,back&fail=0.6';
  await using _traffic = startTraffic(app.http, [
    { kind: 'keep-alive', path, clients: 4, pauseMs: 100 },
  ]);

  const advice = await adviceWhen(app, ({ recommendations }) => recommendations.length > 0);
  expect(advice.recommendations).toMatchObject([
    {
      service: 'back',
      action: 'investigate',
      severity: 'critical',
      reason: expect.stringMatching(
        /^The share of errors is \d+ % \(critical at 5 %\) for \d+ s, and no service/,
      ),
      evidence: [{ signal: 'errorPercent', warning: 1, critical: 5 }],
    },
  ]);
  const because = (service: string) => advice.notAdvised.find(on(service))?.because;
  expect(because('mid')).toBe('its requests fail where back does');
  expect(because('front')).toMatch(/^its requests fail where (?:mid does, see back|back does)$/);
  expect((await app.forge('advise', '--fail-on', 'critical')).code).toBe(20);
  const [look = ''] = advice.recommendations[0]?.steps ?? [];
  const [, command = ''] = /`forge (.*)`/.exec(look) ?? [];
  expect((await app.forge(...command.split(' '))).stdout).toContain('Error: As it was asked to');
  const read = await app.forge('explain', 'back');
  expect(read.stdout).toMatch(/Do its requests fail, though it is neither full nor slow\? YES/);
  const { services } = await statusOf(app);
  expect(services.map(({ name, severity }) => [name, severity])).toEqual([
    ['front', 'critical'],
    ['mid', 'critical'],
    ['back', 'critical'],
  ]);
});
