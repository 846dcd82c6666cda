import { afterEach, describe, expect, test } from 'vitest';
import type { RemoteService } from '../../src/protocol/topology.ts';
import { Service } from '../../src/sdk/service.ts';
import { startApp } from '../../src/sdk/testing/index.ts';
import { Switchboard } from '../../src/sdk/worker/switchboard.ts';
import { host } from '../helpers/carriers.ts';

class Orders extends Service {}

class Users extends Service {
  readonly heard: unknown[] = [];
  override onMessage(from: string, payload: unknown): void {
    this.heard.push([from, payload]);
  }
  override onRequest(from: string, payload: unknown): unknown {
    return [from, payload];
  }
}

const notConnected = expect.objectContaining({
  code: 'NOT_CONNECTED',
  message: 'orders does not connect to nobody',
  remedy: expect.stringContaining('Name one of: users;'),
});

describe('a message to a service that is not among those it connects to', () => {
  test('is refused at once, and those are named', async () => {
    const orders = { service: Orders, connects: ['users'] };
    await using app = await startApp({ orders, users: Users, others: Users });
    const sender = app.service<Orders>('orders');
    expect(() => sender.send('nobody', {})).toThrow(notConnected);
    await expect(sender.request('nobody', {})).rejects.toEqual(notConnected);
    await expect(sender.request('others', {})).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    sender.broadcast('to all');
    await app.settled();
    expect(app.service<Users>('users').heard).toEqual([['orders', 'to all']]);
    expect(app.service<Users>('others').heard).toEqual([]);
  });

  test('goes to itself all the same', async () => {
    await using app = await startApp({ users: { service: Users, connects: [] } });
    const users = app.service<Users>('users');
    users.send('users', 1);
    await app.settled();
    expect(users.heard).toEqual([['users', 1]]);
    expect(await users.request('users', 2)).toEqual(['users', 2]);
  });
});

const open: Switchboard[] = [];
afterEach(() => {
  for (const switchboard of open.splice(0)) switchboard.close();
});

/** How `orders` sends, where no worker of any service is there. */
const busWith = (remotes: readonly RemoteService[]) => {
  const switchboard = new Switchboard({
    workerId: 'orders#1',
    hosted: new Map(),
    requestTimeoutMs: 20,
  });
  open.push(switchboard);
  switchboard.update({ generation: 1, services: {}, remotes });
  const orders = host('orders', Orders);
  const bus = switchboard.busOf(orders, ['users', 'billing']);
  return { bus, isIdle: () => switchboard.isIdle };
};

test('a remote service is left out of a broadcast, and takes no messages', async () => {
  const { bus, isIdle } = busWith([
    { name: 'users', address: 'http://127.0.0.1:1' },
    { name: 'billing', address: 'http://127.0.0.1:1' },
  ]);
  bus.broadcast({});
  expect(isIdle()).toBe(true);
  const refused = expect.objectContaining({ code: 'TAKES_NO_MESSAGES' });
  expect(() => bus.send('billing', {})).toThrow(refused);
  await expect(bus.request('billing', {})).rejects.toEqual(refused);
});

test('what became of a message or a request names no method, as it has none', async () => {
  const { bus } = busWith([]);
  await expect(bus.request('users', {})).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/^users is unavailable/),
  });
});
