import { expect, test } from 'vitest';
import { type ClientPlan, startTraffic } from '../helpers/traffic.ts';
import { startIngressPair } from './ingress-pair.ts';

const plans: readonly ClientPlan[] = [
  { kind: 'keep-alive', path: '/work', clients: 4 },
  { kind: 'keep-alive', path: '/raw', clients: 4, pauseMs: 50 },
  { kind: 'new-connection', path: '/work', clients: 3 },
  { kind: 'new-connection', path: '/raw', clients: 3 },
  { kind: 'keep-alive', path: '/raw', method: 'POST', clients: 2 },
  { kind: 'download', path: '/download', clients: 2 },
  { kind: 'upload', path: '/upload', clients: 2 },
  { kind: 'events', path: '/events', clients: 2 },
  { kind: 'websocket', path: '/socket', clients: 20 },
];

test('an ingress is replaced by another one on the same descriptor without a failed request', async () => {
  await using pair = await startIngressPair();
  let ingress = await pair.addIngress();
  await using traffic = startTraffic(pair.origin, plans);
  await traffic.after(300);

  for (let round = 0; round < 2; round += 1) {
    const next = await pair.addIngress();
    await traffic.after(100);
    await pair.remove(ingress);
    ingress = next;
    await traffic.after(100);
  }

  const { failures, moved } = await traffic.stop();
  expect(failures).toEqual({});
  // Of 20 WebSockets and two event streams, each had to move at least once.
  expect(moved).toBeGreaterThanOrEqual(22);
});
