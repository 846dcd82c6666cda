import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { askUntilClosed, at, everyKind, saidAt } from '../helpers/at-port.ts';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { nextSupervisor, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';
import { startTraffic } from '../helpers/traffic.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const service = `
import { Service } from 'threadforge';
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export default class Shop extends Service {
  static contract = { routes: [{ method: 'GET', path: '/' + process.env.NAME, handler: 'work' }] };
  onStart() {
    appendFileSync('starts.txt', process.env.NAME + ' ');
    if (process.env.NAME === 'broken') throw new Error('it is broken');
  }
  async work() { await setTimeout(2); return process.env.NAME; }
}
`;

type Three = [number, number, number];
type Ports = Readonly<Record<string, number | undefined>>;

const workersOf = (name: string): number => (['steady', 'moved'].includes(name) ? 2 : 1);

/** Services by name, each with its port or none. */
const write = (files: Pick<WrittenApp, 'file'>, ports: Ports, supervisor = {}): void => {
  const services = Object.entries(ports).map(([name, port]) => {
    return [name, { entry: './shop.mjs', workers: workersOf(name), env: { NAME: name }, port }];
  });
  const config = {
    app: 'shop',
    supervisor,
    reload: { bake: 0 },
    services: Object.fromEntries(services),
  };
  writeFileSync(files.file('forge.config.json'), JSON.stringify(config));
};

const startShop = async (ports: Ports, supervisor = {}) => {
  const files = writeApp({ 'shop.mjs': service });
  write(files, ports, supervisor);
  const app = await startApp(files.directory);
  return {
    ...app,
    file: files.file,
    reload: (next: Ports, ...names: readonly string[]) => {
      write(files, next);
      return app.forge('reload', ...names);
    },
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      files[Symbol.dispose]();
    },
  };
};

/** The status when those from before a reload are gone. */
const restingStatus = (app: RunningApp) =>
  statusWhen(app, ({ services }) =>
    services.every(({ name, workers }) => workers.length === workersOf(name)),
  );

const portsOf = async (app: RunningApp): Promise<Ports> => {
  const { services } = await statusOf(app);
  return Object.fromEntries(services.map(({ name, port }) => [name, port]));
};

test('a reload opens, changes and closes ports of services, and no request fails', async () => {
  const [steady, old, other, leaving, own, fresh] = (await Promise.all(
    Array.from({ length: 6 }, () => freePort()),
  )) as [number, number, number, number, number, number];
  await using app = await startShop({
    steady,
    moved: old,
    plain: undefined,
    gone: leaving,
    bare: 0,
  });
  const bare = (await portsOf(app))['bare'] ?? 0;
  await using atIngress = startTraffic(app.http, [...everyKind('moved'), ...everyKind('plain')]);
  await using atSteady = startTraffic(at(steady), everyKind('steady'));
  const closing = Promise.all([
    askUntilClosed(old, 'moved'),
    askUntilClosed(leaving, 'gone'),
    askUntilClosed(bare, 'bare'),
  ]);
  await atSteady.after(100);

  const next = { steady, moved: other, plain: own, bare: undefined, fresh };
  const { code, stderr } = await app.reload(next);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(await closing).toEqual([[], [], []]);
  expect(await portsOf(app)).toEqual(next);
  // Each worker once, also one that was started for its port.
  const starts = readFileSync(app.file('starts.txt'), 'utf8').trim().split(' ').toSorted();
  const [reloaded, begun] = [
    ['steady', 'moved', 'plain', 'bare'],
    ['gone', 'fresh'],
  ].map((names) => names.flatMap((name) => Array<string>(workersOf(name)).fill(name)));
  expect(starts).toEqual([reloaded, reloaded, begun].flat().toSorted());
  expect(await saidAt(other, 'moved')).toBe('moved');
  expect(await saidAt(own, 'plain')).toBe('plain');
  expect(await saidAt(fresh, 'fresh')).toBe('fresh');
  await atSteady.after(100);

  expect((await atSteady.stop()).failures).toEqual({});
  expect((await atIngress.stop()).failures).toEqual({});
});

const companion = (name: string): string => `
import { Service } from 'threadforge';
export default class Companion extends Service {
  static contract = { routes: [{ method: 'GET', path: '/${name}', handler: 'work' }] };
  work() { return '${name}'; }
}
`;

test('a service is removed with its port while others that share its workers are asked, and no request fails', async () => {
  const [stays, leaves] = (await Promise.all([freePort(), freePort()])) as [number, number];
  const configOf = (ports: Ports): string => {
    const services = Object.entries(ports).map(([name, port]) => {
      return [name, { entry: `./${name}.mjs`, group: 'main', workers: 2, port }];
    });
    return JSON.stringify({ app: 'shop', services: Object.fromEntries(services) });
  };
  using files = writeApp({
    'stays.mjs': companion('stays'),
    'leaves.mjs': companion('leaves'),
    'forge.config.json': configOf({ stays, leaves }),
  });
  await using app = await startApp(files.directory);
  await using atStays = startTraffic(at(stays), everyKind('stays'));
  await using atIngress = startTraffic(app.http, everyKind('stays'));
  const closing = askUntilClosed(leaves, 'leaves');
  await atStays.after(100);

  writeFileSync(files.file('forge.config.json'), configOf({ stays }));
  const { code, stderr } = await app.forge('reload');
  expect([code, stderr]).toEqual([0, 'no more in the config, and stopped: leaves\n']);
  expect(await closing).toEqual([]);
  await atStays.after(100);
  expect((await atStays.stop()).failures).toEqual({});
  expect((await atIngress.stop()).failures).toEqual({});
  expect(await portsOf(app)).toEqual({ stays });
});

test('a reload that asks for a port that is taken is refused, and changes nothing', async () => {
  const [old, free] = (await Promise.all([freePort(), freePort()])) as [number, number];
  await using app = await startShop({ moved: old, plain: undefined });
  const before = pidsOf(await statusOf(app));
  await using taken = createServer().listen(0);
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;

  const { code, stderr } = await app.reload({ moved: free, plain: port, more: undefined });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    new RegExp(`^forge: Port ${port} \\(services.plain.port\\) is taken by \\S+ \\(pid`),
  );
  expect(pidsOf(await statusOf(app))).toEqual(before);
  expect(await portsOf(app)).toEqual({ moved: old });
  expect(await saidAt(old, 'moved')).toBe('moved');
  expect(await saidAt(free, 'moved')).toBe('ECONNREFUSED');
});

test('a reload that fails closes what it has opened, and everybody keeps the port that he had', async () => {
  const [old, other, own] = (await Promise.all([freePort(), freePort(), freePort()])) as Three;
  await using app = await startShop({ moved: old, plain: undefined });
  await using atOld = startTraffic(at(old), everyKind('moved'));
  const { code, stderr } = await app.reload({ moved: other, plain: own, broken: undefined });
  expect([code, stderr]).toEqual([3, expect.stringContaining('broken#1 did not become ready')]);
  expect(await portsOf(app)).toEqual({ moved: old, plain: undefined });
  expect(await saidAt(other, 'moved')).toBe('ECONNREFUSED');
  expect(await saidAt(own, 'plain')).toBe('ECONNREFUSED');
  await atOld.after(100);
  expect((await atOld.stop()).failures).toEqual({});
});

test('after a reload of ports the next supervisor keeps every worker and port, and can close them', async () => {
  const [steady, old, other, own] = (await Promise.all(
    Array.from({ length: 4 }, () => freePort()),
  )) as [number, number, number, number];
  await using app = await startShop({ steady, moved: old, plain: undefined });
  const ports = { steady, moved: other, plain: own };
  expect((await app.reload(ports)).code).toBe(0);
  const before = await restingStatus(app);
  await using atSteady = startTraffic(at(steady), everyKind('steady'));
  await using atOther = startTraffic(at(other), everyKind('moved'));
  await using atOwn = startTraffic(at(own), everyKind('plain'));

  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);
  expect(pidsOf(after)).toEqual(pidsOf(before));
  expect(await portsOf(app)).toEqual(ports);

  // Its workers accept on what the next supervisor holds.
  expect((await app.forge('restart', 'moved')).code).toBe(0);
  expect((await app.forge('restart', 'plain')).code).toBe(0);
  for (const traffic of [atSteady, atOther, atOwn]) {
    await traffic.after(100);
    expect((await traffic.stop()).failures).toEqual({});
  }
  expect((await app.reload({ steady, moved: old, plain: undefined })).code).toBe(0);
  expect(await saidAt(other, 'moved')).toBe('ECONNREFUSED');
  expect(await saidAt(own, 'plain')).toBe('ECONNREFUSED');
  expect(await saidAt(old, 'moved')).toBe('moved');
});

test('when those that hold a new port are held up, another worker starts the next supervisor', async () => {
  const [old, own] = (await Promise.all([freePort(), freePort()])) as [number, number];
  await using app = await startShop({ moved: old, plain: undefined });
  expect((await app.reload({ moved: old, plain: own }, 'plain')).code).toBe(0);
  const before = await restingStatus(app);
  const holders = before.services
    .filter(({ name }) => name === 'plain')
    .flatMap(({ workers }) => workers.map(({ pid }) => pid));
  for (const pid of holders) process.kill(pid, 'SIGSTOP');
  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);
  for (const pid of holders) process.kill(pid, 'SIGCONT');

  expect(pidsOf(after)).toEqual(pidsOf(before));
  await using atOwn = startTraffic(at(own), everyKind('plain'));
  await atOwn.after(100);
  expect((await atOwn.stop()).failures).toEqual({});
  // Its new worker has another socket, and nobody waits at the one before.
  expect((await app.forge('restart', 'plain')).code).toBe(0);
  await using atSecond = startTraffic(at(own), everyKind('plain'));
  await atSecond.after(100);
  expect((await app.forge('restart', 'plain')).code).toBe(0);
  await atSecond.after(100);
  expect((await atSecond.stop()).failures).toEqual({});
});

test('an app without successor, started again, still serves the port of a service when its workers are new', async () => {
  const steady = await freePort();
  await using app = await startShop({ steady }, { successor: false });
  const before = await statusOf(app);
  process.kill(before.supervisor.pid, 'SIGKILL');
  await app.exited;
  expect((await app.forge('start', '--daemon')).code).toBe(0);
  expect((await app.forge('restart', 'steady')).code).toBe(0);

  await using atSteady = startTraffic(at(steady), everyKind('steady'));
  await atSteady.after(100);
  expect((await atSteady.stop()).failures).toEqual({});

  const more = { more: { command: 'node more.mjs', port: await freePort() } };
  writeFileSync(app.file('forge.config.json'), JSON.stringify({ app: 'shop', services: more }));
  const { code, stderr } = await app.forge('reload', 'more');
  expect([code, stderr]).toEqual([
    3,
    expect.stringContaining('The ports of the ingress cannot be changed'),
  ]);
});
