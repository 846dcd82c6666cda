import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';
import { lines, say, statusesOf } from './talk.ts';

let app: IngressApp;
const stallMs = 200;

beforeAll(async () => {
  app = await startIngressApp(
    { target: { entry: './services/target.mjs', port: 0 } },
    { limits: { stall: `${stallMs} ms` } },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const doors: Readonly<Record<string, () => number>> = {
  ingress: () => Number(new URL(app.origin).port),
  'own port': () => app.engine.front.portOf('target') ?? 0,
};
const work = lines('GET /work HTTP/1.1', 'Host: a');
const last = lines('GET /work HTTP/1.1', 'Host: a', 'Connection: close');
const count = (what: string): number => app.ledger().filter((fact) => what in fact).length;

describe.each(Object.entries(doors))(
  'requests ahead of their answers, at the %s',
  (_door, port) => {
    test('are all answered', async () => {
      const statuses = statusesOf(await say(port(), work.repeat(499) + last));
      expect(statuses).toEqual(Array.from({ length: 500 }, () => 200));
    });

    test('are worked at in portions, and none is left when their client is gone', async () => {
      const before = count('hanging');
      const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
      socket.write(lines('GET /hang HTTP/1.1', 'Host: a').repeat(300));
      await expect.poll(() => count('hanging') - before).toBe(128);
      expect(statusesOf(await say(port(), last))).toEqual([200]);
      expect(count('hanging') - before).toBe(128);
      socket.resetAndDestroy();
      await expect.poll(() => count('aborted') - count('hanging')).toBe(0);
      expect(count('hanging') - before).toBe(128);
    });

    test('by the thousand end their connection, and keep nobody else waiting', async () => {
      const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.resume().write(work.repeat(20_000));
      await closed;
      expect(statusesOf(await say(port(), last))).toEqual([200]);
    });
  },
);

test.each(Object.entries(doors))(
  'a connection at the %s rests behind an answer that took its time, and says how long it may',
  async (_door, port) => {
    const socket = connect(port(), '127.0.0.1').setEncoding('latin1');
    const ask = async (request: string): Promise<string> => {
      socket.write(request);
      return String(await once(socket, 'data'));
    };
    expect(await ask(work)).toContain('\r\nKeep-Alive: timeout=65\r\n');
    expect(statusesOf(await ask(lines('GET /raw HTTP/1.1', 'Host: a')))).toEqual([200]);
    await pause(3 * stallMs);
    expect(statusesOf(await ask(last))).toEqual([200]);
    socket.destroy();
  },
);
