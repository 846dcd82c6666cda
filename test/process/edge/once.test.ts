import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';

let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp({
    behind: { entry: './services/orders.mjs' },
    alone: { entry: './services/own-orders.mjs', port: 0 },
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const originOf = (way: string): string =>
  way === 'ingress' ? app.origin : `http://127.0.0.1:${app.engine.front.portOf('alone')}/own`;

let keys = 0;
const newKey = (): string => {
  keys += 1;
  return `key-${keys}`;
};

describe.each(['ingress', 'own port'])('a request with a key, at the %s', (way) => {
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${originOf(way)}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const keyed = (key: string, path = '/orders', body: unknown = { tea: 1 }) =>
    post(path, body, { 'idempotency-key': key });
  const asked = async (): Promise<number> =>
    Number(await (await fetch(`${originOf(way)}/asked`)).json());
  const ranBy = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await asked();
    await work();
    return (await asked()) - before;
  };

  test('runs once, and its answer is given again', async () => {
    const key = newKey();
    const ran = await ranBy(async () => {
      const [first, second] = [await keyed(key), await keyed(key)];
      expect([first.status, second.status]).toEqual([201, 201]);
      const answer = await first.json();
      expect(answer).toMatchObject({ key });
      expect(await second.json()).toEqual(answer);
      expect(first.headers.get('idempotent-replayed')).toBe(null);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
    });
    expect(ran).toBe(1);
  });

  test('that answered nothing answers nothing again', async () => {
    const key = newKey();
    const ran = await ranBy(async () => {
      const both = [await keyed(key, '/orders', { nothing: true })];
      both.push(await keyed(key, '/orders', { nothing: true }));
      expect(both.map(({ status }) => status)).toEqual([204, 204]);
    });
    expect(ran).toBe(1);
  });

  test('is refused when something else is asked with it', async () => {
    const key = newKey();
    await keyed(key, '/orders/here');
    expect((await keyed(key, '/orders/here', { tea: 2 })).status).toBe(422);
    expect((await keyed(key, '/orders/there')).status).toBe(422);
    expect((await keyed(key, '/orders/here')).status).toBe(201);
  });

  test('waits for the same one that is under way, also when that one has hung up', async () => {
    const key = newKey();
    const ran = await ranBy(async () => {
      const before = await asked();
      const first = request(`${originOf(way)}/held`, {
        method: 'POST',
        headers: { 'idempotency-key': key },
      });
      first.on('error', () => undefined).end();
      await expect.poll(asked).toBe(before + 1);
      const closed = new Promise((resolve) => first.once('close', resolve));
      first.destroy();
      await closed;
      const second = post('/held', undefined, { 'idempotency-key': key });
      // It is on its way when another one has been answered.
      await asked();
      await post('/release', {});
      expect((await second).status).toBe(201);
    });
    expect(ran).toBe(1);
  });

  test('of somebody else is another one, and so is one of another route', async () => {
    const key = newKey();
    const ran = await ranBy(async () => {
      await keyed(key);
      await keyed(key, '/orders/here');
      for (const authorization of ['Bearer a', 'Bearer b']) {
        await post('/orders', { tea: 1 }, { 'idempotency-key': key, authorization });
      }
    });
    expect(ran).toBe(4);
  });

  test('that failed runs again', async () => {
    const key = newKey();
    const ran = await ranBy(async () => {
      for (let turn = 0; turn < 2; turn += 1) {
        expect((await keyed(key, '/orders', { fails: true })).status).toBe(500);
      }
    });
    expect(ran).toBe(2);
  });

  test('whose answer was a stream is refused the second time, and does not run', async () => {
    const key = newKey();
    const ran = await ranBy(async () => {
      expect(await (await keyed(key, '/lines')).text()).toMatch(/^\d+\n$/);
      expect((await keyed(key, '/lines')).status).toBe(409);
    });
    expect(ran).toBe(1);
  });

  test('runs each time where the route says nothing of it', async () => {
    const key = newKey();
    expect(await ranBy(() => Promise.all([keyed(key, '/plain'), keyed(key, '/plain')]))).toBe(2);
  });

  test.each(['', 'two words', 'x'.repeat(256)])('that is none is refused: "%s"', async (key) => {
    expect((await keyed(key)).status).toBe(400);
  });

  test('has a body as long as its route allows', async () => {
    const statusOf = async (path: string, length: number) =>
      (await post(path, 'x'.repeat(length))).status;
    expect(await statusOf('/orders', 2_000)).toBe(413);
    expect(await statusOf('/plain', 2_000)).toBe(201);
    expect(await statusOf('/plain', 200_000)).toBe(413);
  });
});
