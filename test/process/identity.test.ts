import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RoutingTable } from '../../src/protocol/topology.ts';
import { connect } from '../../src/sdk/control/client.ts';
import type { OutboundCall } from '../../src/sdk/rpc/calls.ts';
import { Credential } from '../../src/sdk/rpc/identity/credential.ts';
import { Speakers } from '../../src/sdk/rpc/identity/speakers.ts';
import { serveRpc } from '../../src/sdk/rpc/server.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { callerOf, temporaryFolder } from '../helpers/rpc.ts';
import { socketOf } from '../helpers/snapshots.ts';

type Known = NonNullable<RoutingTable['speakers']>;

/** Answers whom it believes to be called by. */
const believing = async (patienceMs = 5_000) => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  const speakers = new Speakers(path, patienceMs);
  const server = await serveRpc(path, ({ from }) => from, { speakers });
  return {
    path,
    knows: (known?: Known) => speakers.update(known === undefined ? {} : { speakers: known }),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      folder[Symbol.dispose]();
    },
  };
};

const orders = new Credential('orders#1');
const known: Known = {
  'orders#1': { key: orders.publicKey, services: ['orders', 'carts'] },
  ingress: { key: new Credential('ingress').publicKey, services: ['ingress'] },
};
const by = (credential: Credential, path?: string) => ({
  introduce: (own: string) => credential.introduction(path ?? own),
});
const forged = { code: 'CALLER_FORGED', facts: { target: 'users.get', executed: 'yes' } };

describe('a worker that proves who it is', () => {
  test('speaks for its services, and for nobody else [E5]', async () => {
    await using callee = await believing();
    callee.knows(known);
    using caller = callerOf([callee], by(orders));
    const ask = (from: string, change: Partial<OutboundCall> = {}) =>
      caller.call('get', { from, ...change });
    expect(await Promise.all([ask('orders'), ask('carts')])).toEqual(['orders', 'carts']);
    for (const from of ['billing', 'ingress', 'forge', 'constructor', '', 'Orders']) {
      await expect(ask(from)).rejects.toMatchObject(forged);
    }
    for (const kind of ['event', 'broadcast', 'message', 'request'] as const) {
      expect(await ask('orders', { kind })).toBe('orders');
      await expect(ask('billing', { kind })).rejects.toMatchObject(forged);
    }
    await expect(ask('orders', { kind: 'route' })).rejects.toMatchObject(forged);
  });

  test('is believed as long as its link is there, also when it has left the table', async () => {
    await using callee = await believing(1);
    callee.knows(known);
    using caller = callerOf([callee], by(orders));
    expect(await caller.call('get', { from: 'orders' })).toBe('orders');
    callee.knows({});
    expect(await caller.call('get', { from: 'orders' })).toBe('orders');
  });

  test('may call before the table that names it has come, and after it was started anew', async () => {
    await using callee = await believing();
    using early = callerOf([callee], by(orders));
    const first = early.call('get', { from: 'orders' });
    callee.knows({});
    callee.knows(known);
    expect(await first).toBe('orders');

    const next = new Credential('orders#1');
    using anew = callerOf([callee], by(next));
    const second = anew.call('get', { from: 'orders' });
    callee.knows({ 'orders#1': { key: next.publicKey, services: ['orders'] } });
    expect(await second).toBe('orders');
  });
});

describe('a peer that cannot prove it', () => {
  test.each([
    ['has another key', by(new Credential('orders#1'))],
    ['shows what a worker showed somebody else', by(orders, '/elsewhere.sock')],
    ['is of another app', by(new Credential('users#7'))],
    ['calls itself what every object has', by(new Credential('__proto__'))],
  ])('as it %s speaks for nobody', async (_name, introduction) => {
    await using callee = await believing(20);
    callee.knows(known);
    using caller = callerOf([callee], introduction);
    for (const from of ['orders', 'forge', 'ingress']) {
      await expect(caller.call('get', { from })).rejects.toMatchObject(forged);
    }
  });

  test('as it says nothing is a command, or a worker of an earlier version that is known', async () => {
    await using callee = await believing(20);
    callee.knows({ ...known, 'old#1': { services: ['old'] } });
    using caller = callerOf([callee]);
    expect(await caller.call('get', { from: 'forge' })).toBe('forge');
    expect(await caller.call('get', { from: 'old' })).toBe('old');
    await expect(caller.call('get', { from: 'orders' })).rejects.toMatchObject(forged);
  });

  test('is believed under a supervisor of an earlier version, which names nobody', async () => {
    await using callee = await believing(20);
    callee.knows();
    using caller = callerOf([callee]);
    expect(await caller.call('get', { from: 'orders' })).toBe('orders');
  });
});

test('in a running app nobody speaks for a service that he is not [E5]', async () => {
  await using app = await startCopy('test/fixtures/apps/market');
  await using supervisor = await connect(socketOf(app), { role: 'operator' });
  const table = await supervisor.request('routingTable', {});
  const names = Object.values(table.speakers ?? {}).flatMap(({ services }) => services);
  expect(names.toSorted()).toEqual(['ingress', 'ledger', 'ledger', 'stall', 'teller']);

  using stranger = callerOf([]);
  stranger.caller.update(table);
  const call = { service: 'ledger', method: 'whom', args: [] } as const;
  const ask = (from: string, kind: OutboundCall['kind'] = 'call') =>
    stranger.caller.call({ ...call, kind, from });
  expect(await ask('forge')).toMatchObject({ from: 'forge' });
  for (const from of ['stall', 'ingress', 'ledger']) {
    await expect(ask(from)).rejects.toMatchObject({ code: 'CALLER_FORGED' });
    await expect(ask(from, 'message')).rejects.toMatchObject({ code: 'CALLER_FORGED' });
  }
  await expect(ask('forge', 'route')).rejects.toMatchObject({ code: 'CALLER_FORGED' });
});
