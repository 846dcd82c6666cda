import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';
import {
  begin,
  dialRaw,
  fields,
  frame,
  get,
  type Heard,
  number,
  ping,
  type RawSession,
  types,
  wideOpen,
} from './frames.ts';

const tls = join(import.meta.dirname, '../../fixtures/tls');
const certificates = [{ cert: join(tls, 'shop.pem'), key: join(tls, 'shop.key') }];
let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp(
    { target: { entry: './services/target.mjs' } },
    { tls: { certificates }, http2: true, limits: { stall: '500 ms' } },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const port = (): number => Number(new URL(app.origin).port);
/** As others do meanwhile, each on a connection of its own. */
const statusOfWork = async (): Promise<number> => {
  const options = { port: port(), path: '/work', rejectUnauthorized: false, agent: false };
  const [answer] = await once(request(options).end(), 'response');
  answer.resume();
  return answer.statusCode;
};
/** Files and sockets that the ingress has open. */
const openOf = (): number => readdirSync(`/proc/${app.engine.front.ingress?.pid}/fd`).length;
const ids = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => 2 * index + 1);
const times = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));
const ofType = ({ heard }: RawSession, type: keyof typeof types): readonly Heard[] =>
  heard.filter((each) => each.type === types[type]);

const dripping = ({ socket, closed }: RawSession, drop: (round: number) => Buffer): void => {
  let round = 0;
  const timer = setInterval(() => {
    round += 1;
    socket.write(drop(round));
  }, 50);
  void closed.then(() => clearInterval(timer));
};

test('a client that takes nothing of its answers is hung up on, though it goes on to send', async () => {
  expect(await statusOfWork()).toBe(200);
  const before = openOf();
  const drops: readonly ((round: number) => Buffer)[] = [
    () => Buffer.alloc(0),
    () => ping,
    (round) => get(100 + 2 * round + 1, '/work'),
  ];
  const sessions = await Promise.all(drops.map(() => dialRaw(port())));
  for (const [index, session] of sessions.entries()) {
    session.socket.pause().write(wideOpen);
    session.socket.write(Buffer.concat(ids(20).map((id) => get(id, '/flood'))));
    dripping(session, drops[index] ?? (() => ping));
  }
  await expect.poll(openOf).toBeGreaterThan(before + 20);
  await expect.poll(openOf).toBeLessThanOrEqual(before);
  for (const session of sessions) session[Symbol.dispose]();
});

describe.concurrent('answers that a client leaves unread are given up, though it goes on', () => {
  const open: readonly number[] = ids(20);
  const dropped = (bytes: (id: number) => Buffer): Buffer => Buffer.concat(open.map(bytes));
  const kinds: Readonly<
    Record<string, { begun: (id: number) => Buffer; drop: (round: number) => Buffer }>
  > = {
    'to send pings': { begun: (id) => get(id, '/flood'), drop: () => ping },
    'to take one of them': {
      begun: (id) => get(id, '/flood'),
      drop: () => frame({ type: 'window', stream: 1, payload: number(200) }),
    },
    'to send a byte of each body': {
      begun: (id) => begin(id, 'POST', '/upload'),
      drop: () => dropped((stream) => frame({ type: 'data', stream, payload: Buffer.from('x') })),
    },
  };

  test.for(Object.entries(kinds))('%s', async ([, { begun, drop }]) => {
    using session = await dialRaw(port(), 0);
    session.socket.write(Buffer.concat(open.map(begun)));
    dripping(session, drop);
    const given = (): number => new Set(ofType(session, 'reset').map(({ stream }) => stream)).size;
    await expect.poll(given).toBeGreaterThanOrEqual(open.length - 1);
  });

  test('but not one that a client reads slowly', async () => {
    using session = await dialRaw(port(), 0);
    session.socket.write(get(1, '/flood'));
    dripping(session, () => frame({ type: 'window', stream: 1, payload: number(1_500) }));
    const read = (): number =>
      ofType(session, 'data').reduce((sum, { payload }) => sum + payload.length, 0);
    // Of what its connection may be sent in all.
    await expect.poll(read).toBeGreaterThan(60_000);
    expect(ofType(session, 'reset')).toEqual([]);
  });
});

describe.concurrent('a flood of frames closes its own connection, and others are served', () => {
  const head = { type: 'headers', stream: 1, payload: fields('GET', '/work') } as const;
  const floods: Readonly<Record<string, Buffer>> = {
    'requests that are taken back [CVE-2023-44487]': Buffer.concat(
      ids(400).map((stream) =>
        Buffer.concat([get(stream, '/work'), frame({ type: 'reset', stream, payload: number(8) })]),
      ),
    ),
    'a head without an end [CVE-2024-27983]': Buffer.concat([
      frame(head),
      times(10_000, frame({ type: 'continuation', stream: 1 })),
    ]),
    'settings [CVE-2019-9515]': times(100_000, frame({ type: 'settings' })),
    'pings [CVE-2019-9512]': times(100_000, ping),
    'empty bodies [CVE-2019-9518]': Buffer.concat([
      begin(1, 'POST', '/upload'),
      times(10_000, frame({ type: 'data', stream: 1 })),
    ]),
    'windows that are none': Buffer.concat(
      ids(400).map((stream) =>
        Buffer.concat([
          get(stream, '/work'),
          frame({ type: 'window', stream, payload: number(0) }),
        ]),
      ),
    ),
  };

  test.for(Object.entries(floods))('%s', async ([, bytes]) => {
    using session = await dialRaw(port());
    // Nothing is read, so that whatever there is to acknowledge waits.
    session.socket.pause();
    session.socket.write(bytes);
    const others = await Promise.all(ids(20).map(statusOfWork));
    expect(new Set(others)).toEqual(new Set([200]));
    session.socket.resume();
    await session.closed;
  });
});
