import { Agent, get } from 'node:http';
import { expect, test, vi } from 'vitest';
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

test('an ingress is replaced by another one on the same descriptor without a failed request [D2]', async () => {
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

type Client = Disposable & {
  readonly ask: (path: string) => Promise<{
    readonly status: number | undefined;
    readonly connection: string | undefined;
    /** It came over the connection of the answer before. */
    readonly isReused: boolean;
  }>;
};

/** A client with one connection, which it keeps. */
const clientOf = (origin: string): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: (path) =>
      new Promise((resolve, reject) => {
        const outbound = get(`${origin}${path}`, { agent }, (response) => {
          const { statusCode: status, headers } = response.resume();
          const isReused = outbound.reusedSocket;
          response.once('end', () => resolve({ status, connection: headers.connection, isReused }));
          response.once('error', reject);
        });
        outbound.once('error', reject);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
};

test('a connection that rests when its ingress leaves is used once more, and told to close', async () => {
  await using pair = await startIngressPair();
  const ingress = await pair.addIngress();
  using resting = clientOf(pair.origin);
  using busy = clientOf(pair.origin);
  using probe = clientOf(pair.origin);
  for (const client of [resting, busy, probe]) await client.ask('/work');
  await pair.addIngress();
  // One of them rests for over a second already: what counts is the time after its ingress leaves.
  for (let round = 0; round < 4; round += 1) await busy.ask('/download');

  const removedAt = performance.now();
  const removed = pair.remove(ingress);
  await vi.waitFor(async () => expect(await probe.ask('/readyz')).toMatchObject({ status: 503 }), {
    timeout: 5_000,
    interval: 5,
  });
  // Takes 300 ms: long enough for a connection that rests to be closed, if it were at once.
  await busy.ask('/download');
  const { status, connection, isReused } = await resting.ask('/work');
  // On a machine that took longer than a connection may rest, it goes to the other ingress.
  const wasInTime = performance.now() - removedAt < 900;
  expect(status).toBe(200);
  expect(isReused || !wasInTime).toBe(true);
  expect(connection).toBe(isReused ? 'close' : 'keep-alive');
  await removed;
});
