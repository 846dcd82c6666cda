import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Service } from '../../src/sdk/service.ts';
import { startApp, startService } from '../../src/sdk/testing/index.ts';

type Order = { readonly id?: number; readonly total: number };

class Orders extends Service {
  static readonly contract = {
    expose: ['place'],
    routes: [{ method: 'GET', path: '/orders/:id', handler: 'show' }],
    emits: { place: 'order.placed' },
    on: { 'order.placed': 'note' },
  } as const;
  declare readonly billing: { readonly charge: (order: Order) => Promise<object> };
  readonly noted: unknown[] = [];

  async place(order: Order): Promise<object> {
    const { tenant, headers } = this.ctx.request ?? {};
    return { id: 7, tenant, plan: headers?.['x-plan'], ...(await this.billing.charge(order)) };
  }
  show(_body: unknown, { id }: { readonly id: string }): object {
    return { id };
  }
  note(order: unknown): void {
    this.noted.push(order);
  }
}

/** Runs the example of the page as it stands there. */
const runExample = (): Promise<Readonly<Record<string, unknown>>> => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/testing.md'), 'utf8');
  const [, code = ''] = /```js\n([^`]*(?:`[^`\n]+`[^`]*)*)```/.exec(page) ?? [];
  const body = code
    .replace("import { startApp } from 'threadforge/testing';", '')
    .concat('return { order, shown, events };');
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
  return new AsyncFunction('startApp', 'Orders', body)(startApp, Orders);
};

test('the example of the page runs and shows what it says', async () => {
  expect(await runExample()).toEqual({
    order: { id: 7, tenant: 'acme', paid: 30 },
    shown: { status: 200, body: { id: '7' } },
    events: ['order.placed'],
  });
});

class Bank {
  readonly fee = 1;
  charge({ total }: Order): object {
    return { paid: total + this.fee };
  }
}

test('an object of a class stands in for a service as well', async () => {
  await using orders = await startService(Orders, { billing: new Bank() });
  expect(await orders.service.place({ total: 30 })).toEqual({ id: 7, paid: 31 });
});

test('a method fails as often as the test wants it, whoever calls it', async () => {
  await using app = await startApp({ orders: Orders, billing: new Bank() });
  const orders = app.as<Orders>('orders');
  app.fail('billing', 'charge', { error: new Error('no bank'), times: 2 });
  for (const _ of [1, 2]) await expect(orders.place({ total: 1 })).rejects.toThrow('no bank');
  expect(await orders.place({ total: 1 })).toMatchObject({ paid: 2 });
  app.fail('billing', 'charge', { error: new Error('no bank') });
  await expect(orders.place({ total: 1 })).rejects.toThrow('no bank');
  app.heal();
  expect(await orders.place({ total: 1 })).toMatchObject({ paid: 2 });
});

test('a method waits until the test lets it go on', async () => {
  await using app = await startApp({ orders: Orders, billing: new Bank() });
  const gate = Promise.withResolvers<void>();
  app.fail('billing', 'charge', { until: gate.promise });
  const placing = app.as<Orders>('orders').place({ total: 1 });
  expect(app.emitted).toEqual([]);
  gate.resolve();
  expect(await placing).toMatchObject({ paid: 2 });
});

test('only what is exposed can be called, and an unknown route is 404', async () => {
  await using app = await startApp({ orders: Orders, billing: new Bank() });
  const orders = app.as<Service & { readonly note: (order: unknown) => void }>('orders');
  await expect(orders.note({})).rejects.toMatchObject({ code: 'METHOD_NOT_EXPOSED' });
  expect(await app.http('GET', '/nowhere')).toMatchObject({ status: 404 });
});

test('a client goes by other options, and is the same beside them', async () => {
  await using app = await startApp({ orders: Orders, billing: new Bank() });
  const orders = app.as<Orders>('orders', { tenant: 'acme' });
  const gate = Promise.withResolvers<void>();
  app.fail('billing', 'charge', { until: gate.promise });
  await expect(orders.with({ timeout: 20 }).place({ total: 1 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  const leaving = new AbortController();
  const { signal } = leaving;
  const placing = orders.with({ timeout: '1 min' }).with({ signal }).place({ total: 1 });
  leaving.abort();
  await expect(placing).rejects.toMatchObject({ code: 'CANCELLED' });
  gate.resolve();
  app.heal();
  const everyone = orders.with({ workers: 'all', headers: { 'X-Plan': 'gold' } });
  expect(await everyone.place({ total: 1 })).toEqual([
    {
      worker: 'test#1',
      status: 'fulfilled',
      value: { id: 7, tenant: 'acme', plan: 'gold', paid: 2 },
    },
  ]);
  expect(() => orders.with({ timeout: 'soon' })).toThrow('soon is no timeout');
  await expect(orders.with({ headers: { host: 'x' } }).place({ total: 1 })).rejects.toThrow();
  expect(await orders.place({ total: 1 })).toEqual({ id: 7, tenant: 'acme', paid: 2 });
});

test('what is not there cannot be made to fail, and the error names what is', async () => {
  await using app = await startApp({ orders: Orders, billing: new Bank() });
  const error = new Error('no bank');
  expect(() => app.fail('biling', 'charge', { error })).toThrow(
    'There is no service biling in this test, only: orders, billing',
  );
  expect(() => app.fail('billing', 'chrge', { error })).toThrow(
    'billing is never asked for chrge, only for: charge',
  );
  // It answers an event, and is not asked for by its own name.
  expect(() => app.fail('orders', 'note', { error })).toThrow(
    'orders is never asked for note, only for: place, show, order.placed',
  );
  expect(() => app.service('order')).toThrow('only: orders, billing');
  expect(() => app.as('order')).toThrow('only: orders, billing');
});

test('a route and the handling of an event can be made to fail', async () => {
  await using app = await startApp({ orders: Orders, billing: new Bank() });
  const error = new Error('not now');
  app.fail('orders', 'show', { error });
  app.fail('orders', 'order.placed', { error, times: 1 });
  expect(await app.http('GET', '/orders/7')).toMatchObject({ status: 500 });
  for (const total of [1, 2]) {
    await app.as<Orders>('orders').place({ total });
    await app.settled();
  }
  expect(app.service<Orders>('orders').noted).toMatchObject([{ paid: 3 }]);
});
