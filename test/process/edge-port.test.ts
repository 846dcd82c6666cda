import { expect, test } from 'vitest';
import { type ClientPlan, startTraffic } from '../helpers/traffic.ts';
import { type IngressApp, startIngressApp } from './ingress-app.ts';

/** What clients do who come straight to the workers of a service. */
const everyKind: readonly ClientPlan[] = [
  { kind: 'keep-alive', path: '/work', clients: 4 },
  { kind: 'keep-alive', path: '/raw', clients: 4 },
  { kind: 'keep-alive', path: '/work', method: 'POST', clients: 2 },
  { kind: 'keep-alive', path: '/raw', method: 'POST', clients: 2 },
  { kind: 'new-connection', path: '/work', clients: 3 },
  { kind: 'new-connection', path: '/raw', clients: 3 },
  { kind: 'download', path: '/download', clients: 6 },
  { kind: 'upload', path: '/upload', clients: 4 },
  { kind: 'events', path: '/events', clients: 2 },
  { kind: 'websocket', path: '/socket', clients: 4 },
];

const timeouts = { stop: '4 s' };
const target = { entry: './services/target.mjs', timeouts, port: 0 };
const caller = { entry: './services/caller.mjs', timeouts, connects: ['target'] };

const portOf = (app: IngressApp): string => `http://127.0.0.1:${app.engine.front.portOf('target')}`;

/** What each worker that left saw, and how much of it came after it had begun to drain. */
const left = (app: IngressApp) => app.ledger().filter((fact) => 'late' in fact);

test('at the port of a service, scaling up and down loses nothing', async () => {
  await using app = await startIngressApp({ target: { ...target, workers: 2 } });
  await using traffic = startTraffic(portOf(app), everyKind);
  await traffic.after(300);
  await app.engine.apply({ kind: 'scale', service: 'target', workers: 4 });
  await traffic.after(300);
  await app.engine.apply({ kind: 'scale', service: 'target', workers: 1 });
  await traffic.after(300);

  const { failures } = await traffic.stop();
  expect(failures).toEqual({});
  expect(left(app).map(({ late }) => late)).toEqual([0, 0, 0]);
});

test('at the port of a service, restarting, reloading and rolling back lose nothing', async () => {
  await using app = await startIngressApp({ target: { ...target, workers: 2 } });
  await using traffic = startTraffic(portOf(app), everyKind);
  await traffic.after(300);
  await app.engine.apply({ kind: 'restart', service: 'target' });
  await traffic.after(300);
  const before = app.pidsOf('target');
  await app.engine.apply({ kind: 'reload', service: 'target' });
  await traffic.after(300);
  await app.engine.apply({ kind: 'rollback', service: 'target' });
  await traffic.after(300);

  const { failures, moved } = await traffic.stop();
  expect(failures).toEqual({});
  // The restart alone moves every WebSocket.
  expect(moved).toBeGreaterThan(0);
  expect(app.pidsOf('target')).toEqual(before);
  expect(left(app).map(({ late }) => late)).toEqual([0, 0, 0, 0]);
});

test('at the port of a service, splitting and colocating lose nothing', async () => {
  const group = 'main';
  await using app = await startIngressApp({
    target: { ...target, group },
    caller: { ...caller, group },
  });
  await using traffic = startTraffic(portOf(app), everyKind);
  await traffic.after(300);
  await app.engine.apply({ kind: 'split', service: 'target' });
  await traffic.after(300);
  await app.engine.apply({ kind: 'colocate', service: 'target', with: ['caller'] });
  await traffic.after(300);

  const { failures } = await traffic.stop();
  expect(failures).toEqual({});
  expect(left(app).map(({ late }) => late)).toEqual([0, 0]);
});
