import { expect, test } from 'vitest';
import { type ClientPlan, startTraffic } from '../helpers/traffic.ts';
import { type IngressApp, startIngressApp } from './ingress-app.ts';

const everyKind: readonly ClientPlan[] = [
  { kind: 'keep-alive', path: '/work', clients: 4 },
  { kind: 'keep-alive', path: '/raw', clients: 4 },
  { kind: 'keep-alive', path: '/work', method: 'POST', clients: 2 },
  { kind: 'keep-alive', path: '/raw', method: 'POST', clients: 2 },
  { kind: 'keep-alive', path: '/via', clients: 2 },
  { kind: 'new-connection', path: '/work', clients: 3 },
  { kind: 'new-connection', path: '/raw', clients: 3 },
  { kind: 'download', path: '/download', clients: 6 },
  { kind: 'upload', path: '/upload', clients: 4 },
  { kind: 'events', path: '/events', clients: 2 },
  { kind: 'websocket', path: '/socket', clients: 4 },
];

const timeouts = { stop: '3 s' };
const target = { entry: './services/target.mjs', timeouts };
const caller = { entry: './services/caller.mjs', timeouts, connects: ['target'] };

/** What each worker that left saw, and how much of it came after it had begun to drain. */
const left = (app: IngressApp) => app.ledger().filter((fact) => 'late' in fact);

test('scaling up and down loses nothing, and a worker that drains gets nothing new', async () => {
  await using app = await startIngressApp({ target: { ...target, workers: 2 }, caller });
  await using traffic = startTraffic(app.origin, everyKind);
  await traffic.after(300);
  await app.engine.apply({ kind: 'scale', service: 'target', workers: 4 });
  await traffic.after(300);
  await app.engine.apply({ kind: 'scale', service: 'target', workers: 1 });
  await traffic.after(300);

  const { failures, moved } = await traffic.stop();
  expect(failures).toEqual({});
  expect(moved).toBeGreaterThan(0);
  expect(left(app).map(({ late }) => late)).toEqual([0, 0, 0]);
});

test('restarting and reloading lose nothing, and a worker that drains gets nothing new', async () => {
  await using app = await startIngressApp({ target: { ...target, workers: 2 }, caller });
  await using traffic = startTraffic(app.origin, everyKind);
  await traffic.after(300);
  await app.engine.apply({ kind: 'restart', service: 'target' });
  await traffic.after(300);
  await app.engine.apply({ kind: 'reload', service: 'target' });
  await app.engine.releases.settle(['_isolated:target']);
  await traffic.after(300);

  const { failures, moved } = await traffic.stop();
  expect(failures).toEqual({});
  expect(moved).toBeGreaterThan(0);
  expect(left(app).map(({ late }) => late)).toEqual([0, 0, 0, 0]);
});

test('a worker is gone as soon as it has answered', async () => {
  // It would have minutes to drain.
  const slow = { ...target, timeouts: { stop: '10 min' }, workers: 2 };
  await using app = await startIngressApp({ target: slow });
  await using traffic = startTraffic(app.origin, [
    { kind: 'keep-alive', path: '/work', clients: 4 },
    { kind: 'keep-alive', path: '/raw', clients: 4 },
  ]);
  await traffic.after(100);
  await app.engine.apply({ kind: 'scale', service: 'target', workers: 1 });
  expect((await traffic.stop()).failures).toEqual({});
  expect(left(app)).toHaveLength(1);
});

test('splitting and colocating lose nothing, and a worker that drains gets nothing new', async () => {
  const group = 'main';
  await using app = await startIngressApp({
    target: { ...target, group },
    caller: { ...caller, group },
  });
  await using traffic = startTraffic(app.origin, everyKind);
  await traffic.after(300);
  await app.engine.apply({ kind: 'split', service: 'target' });
  await traffic.after(300);
  await app.engine.apply({ kind: 'colocate', service: 'target', with: ['caller'] });
  await traffic.after(300);

  const { failures, moved } = await traffic.stop();
  expect(failures).toEqual({});
  expect(moved).toBeGreaterThan(0);
  expect(left(app).map(({ late }) => late)).toEqual([0, 0]);
});
