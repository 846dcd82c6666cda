import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { askUntilClosed, at, everyKind, saidAt } from '../helpers/at-port.ts';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { nextSupervisor, pidsOf, statusOf } from '../helpers/status.ts';
import { startTraffic } from '../helpers/traffic.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const service = `
import { Service } from 'threadforge';
import { setTimeout } from 'node:timers/promises';
export default class Shop extends Service {
  static contract = { routes: [
    { method: 'GET', path: '/shop', handler: 'work' },
    { method: 'GET', path: '/slow', handler: 'slow' },
  ] };
  onStart() { if (process.env.NAME === 'broken') throw new Error('it is broken'); }
  async work() { await setTimeout(2); return 'shop'; }
  async slow() { await setTimeout(1_500); return 'slow'; }
}
`;
const server = `
import { createServer } from 'node:http';
createServer((request, response) => response.end(request.url.slice(1))).listen(process.env.PORT ?? 0);
`;

/** Command → its port, or none. */
type Commands = Readonly<Record<string, number | undefined>>;
type Front = { readonly http?: number; readonly commands?: Commands; readonly broken?: boolean };

const write = (files: Pick<WrittenApp, 'file'>, { http, commands = {}, broken }: Front): void => {
  const entry = './shop.mjs';
  const named = Object.entries(commands).map(([name, port]) => {
    return [name, { command: 'node server.mjs', port }] as const;
  });
  const more = broken ? { broken: { entry, env: { NAME: 'broken' } } } : {};
  const services = { shop: { entry }, ...Object.fromEntries(named), ...more };
  const config = { app: 'shop', http: { port: http }, reload: { bake: 0 }, services };
  writeFileSync(files.file('forge.config.json'), JSON.stringify(config));
};

const startShop = async (front: Front) => {
  const files = writeApp({ 'shop.mjs': service, 'server.mjs': server });
  write(files, front);
  const app = await startApp(files.directory, {
    what: ['--app', files.directory],
  });
  return {
    ...app,
    reload: (next: Front, ...names: readonly string[]) => {
      write(files, next);
      return app.forge('reload', ...names);
    },
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      files[Symbol.dispose]();
    },
  };
};

const ports = async <const Names extends readonly string[]>(...names: Names) => {
  const free = await Promise.all(names.map(() => freePort()));
  return Object.fromEntries(names.map((name, at) => [name, free[at]])) as Record<
    Names[number],
    number
  >;
};

const ingressesOf = (app: RunningApp): readonly number[] =>
  app
    .processes()
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('forge: shop ingress'));

test('a reload opens, changes and closes ports of the ingress, and no request fails', async () => {
  const { steady, http, moved, other, otherMoved, own } = await ports(
    'steady',
    'http',
    'moved',
    'other',
    'otherMoved',
    'own',
  );
  await using app = await startShop({ http, commands: { steady, moved, plain: undefined } });
  await using atSteady = startTraffic(at(steady), everyKind('steady'));
  const former = Promise.all([askUntilClosed(http, 'shop'), askUntilClosed(moved, 'moved')]);
  await atSteady.after(100);
  const commands = { steady, moved: otherMoved, plain: own };
  const { code, stderr } = await app.reload({ http: other, commands });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(await former).toEqual([[], []]);

  // Whoever comes there now stays until that is closed as well.
  const closing = Promise.all([
    askUntilClosed(other, 'shop'),
    askUntilClosed(otherMoved, 'moved'),
    askUntilClosed(own, 'plain'),
  ]);
  await atSteady.after(100);
  expect((await app.reload({ commands: { steady, plain: undefined } })).code).toBe(0);
  expect(await closing).toEqual([[], [], []]);
  await atSteady.after(100);
  expect((await atSteady.stop()).failures).toEqual({});
  expect(ingressesOf(app)).toHaveLength(1);
});

test('a reload of the port of the ingress that cannot be is refused, and changes nothing', async () => {
  const { http, other } = await ports('http', 'other');
  await using app = await startShop({ http });
  const before = app.processes();
  await using traffic = startTraffic(at(http), everyKind('shop'));
  await using taken = createServer().listen(0);
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;

  const refused = await app.reload({ http: port });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(new RegExp(`^forge: Port ${port} \\(http.port\\) is taken by`)),
  ]);
  const failed = await app.reload({ http: other, broken: true });
  expect([failed.code, failed.stderr]).toEqual([
    3,
    expect.stringContaining('broken#1 did not become ready'),
  ]);
  expect(await saidAt(other, 'shop')).toBe('ECONNREFUSED');
  expect(app.processes()).toEqual(before);
  await traffic.after(100);
  expect((await traffic.stop()).failures).toEqual({});
});

test('when a supervisor dies while one ingress takes the place of another, the next one ends that, and keeps the port', async () => {
  const { http, other } = await ports('http', 'other');
  await using app = await startShop({ http });
  const before = await statusOf(app);
  const slow = saidAt(http, 'slow');
  const reload = app.reload({ http: other });
  await expect.poll(() => saidAt(other, 'shop')).toBe('shop');
  const both = ingressesOf(app);
  expect(both).toHaveLength(2);
  await using traffic = startTraffic(at(other), everyKind('shop'));
  process.kill(before.supervisor.pid, 'SIGKILL');
  await reload;
  expect(await slow).toBe('slow');
  expect(pidsOf(await nextSupervisor(app, before.supervisor.pid))).toEqual(pidsOf(before));
  await expect.poll(() => ingressesOf(app).length).toBe(1);
  await traffic.after(100);
  expect((await traffic.stop()).failures).toEqual({});

  const [ingress = 0] = ingressesOf(app);
  expect(both).toContain(ingress);
  process.kill(ingress, 'SIGKILL');
  await expect.poll(() => ingressesOf(app)).not.toContain(ingress);
  // A new connection waits for the next one.
  expect(await saidAt(other, 'shop', new Agent())).toBe('shop');
  expect((await app.reload({ http })).code).toBe(0);
  expect(await saidAt(other, 'shop')).toBe('ECONNREFUSED');
  expect(await saidAt(http, 'shop')).toBe('shop');
});
