import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Contract, emptyContract } from '../../src/protocol/contract.ts';
import type { Canary, RoutingTable, WorkerStatus } from '../../src/protocol/topology.ts';
import { RouteFeed } from '../../src/supervisor/process/route-feed.ts';
import { Registry } from '../../src/supervisor/registry/registry.ts';
import { routingTable } from '../../src/supervisor/registry/routing-table.ts';
import type { Routes } from '../../src/supervisor/registry/shares.ts';

const names = ['carts', 'mail', 'orders', 'trial', 'users'] as const;
type Name = (typeof names)[number];

/** One that listens, and keeps what it is told. */
const listenerOf = (id: string, services: readonly Name[], connects?: readonly Name[]) => {
  const told: RoutingTable[] = [];
  return {
    id,
    services,
    connects,
    told,
    key: `key of ${id}`,
    group: services.join(),
    status: 'ready' as WorkerStatus,
    isAvoided: false,
    isStandby: false,
    isLinked: true,
    rpcPath: `/${id}.rpc`,
    httpPath: `/${id}.http`,
    failures: new Map<string, string>(),
    unhealthy: new Map<string, string>(),
    contracts: Object.fromEntries(
      services.map((name): [string, Contract] => [name, emptyContract]),
    ),
    routes: new RouteFeed(({ table }: Routes) => told.push(table)),
  };
};
type Listener = ReturnType<typeof listenerOf>;

const appOf = (workers: readonly Listener[]) => {
  const ingress = listenerOf('ingress', []);
  const sources = {
    canary: undefined as Canary | undefined,
    workers: [...workers],
  };
  const choosing = () =>
    names.map((name) => ({
      name,
      ...(name === 'users' && sources.canary !== undefined && { canary: sources.canary }),
    }));
  const remotes = [{ name: 'far', address: 'http://far:1' }];
  const groupOf = (name: string): string | undefined =>
    workers.find(({ services }) => services.some((one) => one === name))?.group;
  const registry = new Registry({
    workers: () => sources.workers,
    listeners: () => [ingress],
    groupOf,
    stopped: () => ({}),
    config: () => ({ services: choosing(), remotes }),
  });
  let known: RoutingTable['services'] = {};
  /** Made anew, of everything that there is. */
  const whole = (): RoutingTable['services'] => {
    const choosingOf = (name: string) => choosing().find((one) => one.name === name);
    const from = { generation: 0, workers: sources.workers, groupOf, choosingOf, remotes, known };
    known = routingTable(from).services;
    return known;
  };
  const rest = async (): Promise<void> => {
    await setImmediate();
    await setImmediate();
  };
  /** Each goes by the last that it was told, until nothing more comes. */
  const take = async (): Promise<void> => {
    for (let before = -1, now = 0; before !== now; ) {
      before = now;
      for (const { routes, told } of [...sources.workers, ingress]) {
        routes.take(told.at(-1)?.generation ?? -1);
      }
      await rest();
      now = [...sources.workers, ingress].reduce((sum, { told }) => sum + told.length, 0);
    }
    registry.taken();
  };
  return { registry, sources, ingress, whole, rest, take };
};
type App = ReturnType<typeof appOf>;

const hears = ({ on, everywhere = {} }: Contract): boolean =>
  Object.keys(on).length + Object.keys(everywhere).length > 0;

/** Said another way than the program does: whom a worker may ask for anything. */
const asks = (worker: Listener, services: RoutingTable['services']): readonly string[] => {
  const { connects } = worker;
  if (connects === undefined) return names;
  const own = [...worker.services, ...connects];
  const trials = own.flatMap((name) => services[name]?.canary?.service ?? []);
  const hearing = Object.keys(services).filter((name) =>
    hears(services[name]?.contract ?? emptyContract),
  );
  return [...own, ...trials, ...hearing];
};

const shareOf = (
  worker: Listener,
  { sources, ingress }: App,
  services: RoutingTable['services'],
) => {
  const asked = asks(worker, services);
  const own = ({ services }: Listener): readonly string[] =>
    services.length === 0 ? ['ingress'] : services;
  const callers = [...sources.workers, ingress].filter(
    (other) =>
      worker.connects === undefined ||
      other.connects === undefined ||
      asks(other, services).some((name) => worker.services.some((one) => one === name)),
  );
  return {
    services: Object.fromEntries(
      Object.entries(services).filter(
        ([name]) => worker.connects === undefined || asked.includes(name),
      ),
    ),
    speakers: Object.fromEntries(
      callers.map((other) => [other.id, { key: other.key, services: own(other) }]),
    ),
  };
};

const subset = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 });
const workers = fc.array(
  fc.record({
    services: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
    connects: fc.option(subset, { nil: undefined, freq: 4 }),
  }),
  { minLength: 2, maxLength: 6 },
);

/** Each makes one worker other than it was. */
const changes = {
  status: (worker) => {
    worker.status = worker.status === 'ready' ? 'draining' : 'ready';
  },
  unwell: (worker, name) => {
    worker.unhealthy = new Map(worker.unhealthy.size > 0 ? [] : [[name, 'slow disk']]);
  },
  hears: (worker, name) => {
    const before = worker.contracts[name] ?? emptyContract;
    const on = hears(before) ? {} : { 'order.*': 'note' };
    worker.contracts = { ...worker.contracts, [name]: { ...before, on } };
  },
  restarted: (worker) => {
    worker.key = `${worker.key}'`;
    worker.rpcPath = `${worker.rpcPath}'`;
  },
  nothing: () => undefined,
} satisfies Readonly<Record<string, (worker: Listener, name: string) => void>>;

const change = fc.record({
  who: fc.nat(),
  what: fc.constantFrom('trial', 'gone', ...(Object.keys(changes) as (keyof typeof changes)[])),
  isTaken: fc.boolean(),
});
type Change = { readonly who: number; readonly what: keyof typeof changes | 'trial' | 'gone' };

const perform = ({ registry, sources }: App, { who, what }: Change): void => {
  const place = who % sources.workers.length;
  const worker = sources.workers[place];
  if (what === 'trial') {
    sources.canary = sources.canary === undefined ? { service: 'trial', percent: 5 } : undefined;
    registry.changed();
  } else if (what === 'gone') {
    if (sources.workers.length > 1) sources.workers.splice(place, 1);
    registry.changed(worker);
  } else if (worker !== undefined) {
    changes[what](worker, worker.services[0] ?? 'mail');
    registry.changed(worker);
  }
};

describe('what a worker is told of the routes', () => {
  test('is after any changes what the whole table says of those that it has to do with', async () => {
    await fc.assert(
      fc.asyncProperty(workers, fc.array(change, { maxLength: 12 }), async (specs, steps) => {
        const made = specs.map(({ services, connects }, number) =>
          listenerOf(`${number}`, services, connects),
        );
        const app = appOf(made);
        app.registry.changed();
        await app.rest();
        app.whole();
        for (const { isTaken, ...one } of steps) {
          perform(app, one);
          await app.rest();
          app.whole();
          if (isTaken) await app.take();
        }
        await app.take();
        const services = app.whole();
        for (const worker of [...app.sources.workers, app.ingress]) {
          const { services: known, speakers, remotes } = worker.told.at(-1) ?? {};
          expect({ services: known, speakers }).toEqual(shareOf(worker, app, services));
          expect(remotes).toHaveLength(1);
        }
        let isTold = false;
        app.registry.whenTaken(() => {
          isTold = true;
        });
        app.registry.taken();
        expect(isTold).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('is nothing when the change is none of its business, and it counts as told all the same', async () => {
    const users = listenerOf('users#1', ['users'], []);
    const carts = listenerOf('carts#1', ['carts'], ['users']);
    const mail = listenerOf('mail#1', ['mail'], []);
    const app = appOf([users, carts, mail]);
    app.registry.changed();
    await app.rest();
    await app.take();
    const before = [users, carts, mail, app.ingress].map(({ told }) => told.length);
    users.status = 'draining';
    app.registry.changed(users);
    await app.rest();
    const after = [users, carts, mail, app.ingress].map(({ told }) => told.length);
    expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 0, 1]);
    expect(mail.routes.taken).toBeGreaterThan(mail.told.at(-1)?.generation ?? 0);
  });

  test('is the whole table when it does not say whom it calls, as earlier versions do not', async () => {
    const older = listenerOf('users#1', ['users']);
    const app = appOf([older, listenerOf('mail#1', ['mail'], [])]);
    app.registry.changed();
    await app.rest();
    expect(Object.keys(older.told.at(-1)?.services ?? {}).toSorted()).toEqual(['mail', 'users']);
  });
});
