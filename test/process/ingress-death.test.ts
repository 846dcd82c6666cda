import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../../src/sdk/channel/process-start.ts';
import { isIngress } from '../../src/supervisor/crew/crew.ts';
import { readNotes } from '../../src/supervisor/succession/notes.ts';
import { type ClientPlan, startTraffic } from '../helpers/traffic.ts';
import { type IngressApp, startIngressApp } from './ingress-app.ts';

/** Light enough that a worker is back within the second that a request waits for it. */
const reading: readonly ClientPlan[] = [
  { kind: 'keep-alive', path: '/work', clients: 3, pauseMs: 15 },
  { kind: 'keep-alive', path: '/raw', clients: 3, pauseMs: 15 },
  { kind: 'keep-alive', path: '/work', method: 'HEAD', clients: 1, pauseMs: 15 },
  { kind: 'keep-alive', path: '/raw', method: 'HEAD', clients: 1, pauseMs: 15 },
  { kind: 'new-connection', path: '/work', clients: 2, pauseMs: 15 },
  { kind: 'new-connection', path: '/raw', clients: 2, pauseMs: 15 },
];
const clients = reading.reduce((sum, plan) => sum + plan.clients, 0);

const target = { entry: './services/target.mjs' };

const ingressPid = ({ directory }: IngressApp): number =>
  readNotes(join(directory, 'run')).filter(isAlive).find(isIngress)?.pid ?? 0;

/** Kills a worker of the target and resolves when it is back, with how long that took. */
const killOne = async (app: IngressApp, index: number): Promise<number> => {
  const killedAt = performance.now();
  const pid = app.pidsOf('target')[index] ?? 0;
  process.kill(pid, 'SIGKILL');
  await app.until(() => !app.pidsOf('target').includes(pid));
  await app.until(() => app.statusesOf('target').every((status) => status === 'ready'));
  return performance.now() - killedAt;
};

test('no GET fails when one of two workers is killed, again and again', async () => {
  await using app = await startIngressApp({ target: { ...target, workers: 2 } });
  await using traffic = startTraffic(app.origin, reading);
  await traffic.after(200);
  for (const index of [0, 1, 0, 1]) {
    await killOne(app, index);
    await traffic.after(200);
  }
  expect((await traffic.stop()).failures).toEqual({});
});

test('no GET fails when the only worker is killed: it waits a second for the next one', async () => {
  await using app = await startIngressApp({ target });
  await using traffic = startTraffic(app.origin, reading);
  await traffic.after(200);
  const first = await killOne(app, 0);
  await traffic.after(200);
  const second = await killOne(app, 0);
  await traffic.after(200);

  const { failures } = await traffic.stop();
  // On a machine that takes too long to start a process, waiting is in vain.
  const wasInTime = Math.max(first, second) < 800;
  const excused = (kind: string): boolean => !wasInTime && kind.includes('HTTP 503');
  expect(Object.keys(failures).filter((kind) => !excused(kind))).toEqual([]);
});

test.for(['/once/a', '/raw-once/a'])('a POST to %s is not run again elsewhere', async (path) => {
  await using app = await startIngressApp({ target: { ...target, workers: 2 } });
  const ran = () => app.ledger().filter((fact) => fact['ran'] === 'a');
  const asked = fetch(`${app.origin}${path}`, { method: 'POST' });
  await expect.poll(ran).toHaveLength(1);

  process.kill(Number(ran()[0]?.['pid']), 'SIGKILL');
  const { status, headers } = await asked;
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  expect(ran()).toHaveLength(1);
});

test('nobody is refused when the ingress is killed, and only what was under way fails [D1]', async () => {
  await using app = await startIngressApp({ target });
  await using traffic = startTraffic(app.origin, reading);
  await traffic.after(200);
  process.kill(ingressPid(app), 'SIGKILL');
  await traffic.after(400);

  const { failed, failures } = await traffic.stop();
  expect(failed).toBeLessThanOrEqual(clients);
  expect(Object.keys(failures).filter((kind) => !/ECONNRESET|EPIPE/.test(kind))).toEqual([]);
});

test('a service without a worker answers 503 and says when to come again', async () => {
  await using app = await startIngressApp({ broken: { entry: './services/broken.mjs' } });
  const { status, headers } = await fetch(`${app.origin}/broken`);
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
});
