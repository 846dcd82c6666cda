import { execFileSync } from 'node:child_process';
import { on, once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WorkerSample } from '../../src/protocol/metrics.ts';
import { processStart } from '../../src/sdk/channel/process-start.ts';
import type { Engine } from '../../src/supervisor/engine.ts';
import { startTraffic } from '../helpers/traffic.ts';
import { clientsOf, startCommands } from './command-app.ts';

const hardCoded = { command: 'node hard-coded-port.mjs', port: 0 };
/** A Node server without a guest is as good as any other program. */
const plain = { command: 'env -u NODE_OPTIONS node reads-port.mjs', port: 0 };

const hasPython = (): boolean => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const isReady = ({ status }: { readonly status: string }): boolean => status === 'ready';

type Samples = {
  readonly next: () => Promise<WorkerSample>;
  readonly until: (isWanted: (sample: WorkerSample) => boolean) => Promise<void>;
};

/** What is reported of the one instance of `legacy`; the ingress reports too. */
const samplesOf = (engine: Engine): Samples => {
  const arrivals = on(engine, 'sample');
  const next = async (): Promise<WorkerSample> => {
    const [worker, sample] = (await arrivals.next()).value ?? [];
    return worker === '_isolated:legacy#1' ? sample : next();
  };
  return {
    next,
    until: async (isWanted) => {
      while (!isWanted(await next()));
    },
  };
};

/** A process and its children, for tests without grandchildren. */
const familyOf = (pid: number): readonly number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...children.split(' ').map(Number)];
};

const cpuMsOf = (pids: readonly number[]): number =>
  pids
    .map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '')
    .flatMap((stat) => stat.split(' ').slice(11, 13))
    .reduce((sum, ticks) => sum + Number(ticks) * 10, 0);

const rssBytesOf = (pids: readonly number[]): number =>
  pids
    .map((pid) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    .reduce((sum, kilobytes) => sum + Number(kilobytes) * 1_024, 0);

const otherLanguage = { ...plain, ...(hasPython() ? { command: 'python3 reads-port.py' } : {}) };

test('a command is ready when its health path says so, and not before', async () => {
  await using app = await startCommands({ legacy: { ...hardCoded, health: '/well' } });
  const [legacy] = app.engine.services();
  expect(legacy?.status).toBe('starting');
  await app.until(() => app.engine.services()[0]?.reason?.includes('answers 503') === true);
  expect(app.engine.services()[0]?.status).toBe('starting');

  writeFileSync(join(app.directory, 'well'), '');
  await app.engine.settled();

  expect(app.engine.services()[0]?.status).toBe('ready');
  expect((await fetch(app.url('legacy'))).status).toBe(200);
});

test.each([
  ['with a hard-coded port', hardCoded],
  ['that is no Node server', otherLanguage],
  ['without a guest inside', plain],
])(
  'a command %s is scaled and replaced under load, and no request fails',
  async (_name, command) => {
    await using app = await startCommands({ legacy: command });
    await app.engine.settled();
    await using traffic = startTraffic(app.url('legacy'), clientsOf('/'));
    await traffic.after(50);
    const [first] = app.pids('legacy');

    await app.engine.apply({ kind: 'scale', service: 'legacy', workers: 3 });
    await traffic.after(100);
    await app.engine.apply({ kind: 'restart', service: 'legacy' });
    await traffic.after(100);
    const replaced = app.pids('legacy');
    await app.engine.apply({ kind: 'scale', service: 'legacy', workers: 1 });
    await traffic.after(50);

    expect((await traffic.stop()).failures).toEqual({});
    expect(replaced).toHaveLength(3);
    expect(replaced).not.toContain(first);
    expect(app.pids('legacy')).toHaveLength(1);
  },
);

test('a killed instance takes no more than its own requests along, and comes back', async () => {
  await using app = await startCommands({ legacy: { ...hardCoded, workers: 3 } });
  await app.engine.settled();
  const plans = [{ kind: 'keep-alive', path: '/slow', method: 'POST', clients: 12 } as const];
  await using traffic = startTraffic(app.url('legacy'), plans);
  await traffic.after(12);
  const [victim = 0] = app.pids('legacy');

  process.kill(victim, 'SIGKILL');
  await app.until(() => app.engine.services()[0]?.workers.some((one) => one.restarts > 0) === true);
  await app.until(() => app.engine.services()[0]?.workers.every(isReady) === true);
  await traffic.after(12);

  // A GET would have been tried again elsewhere.
  expect((await traffic.stop()).failed).toBeLessThanOrEqual(12);
  expect(app.pids('legacy')).not.toContain(victim);
  expect(app.engine.services()[0]?.workers).toHaveLength(3);
});

test('an instance is charged with what its whole process tree uses', async () => {
  await using app = await startCommands({
    legacy: { ...hardCoded, command: 'node works-in-a-child.mjs' },
  });
  await app.engine.settled();
  const samples = samplesOf(app.engine);
  await samples.next();
  const family = familyOf(app.pids('legacy')[0] ?? 0);
  const before = cpuMsOf(family);
  const reported = [await samples.next(), await samples.next(), await samples.next()];
  const spent = cpuMsOf(family) - before;

  const cpuMs = reported.reduce((sum, { cpu, periodMs }) => sum + (cpu / 100) * periodMs, 0);
  expect(cpuMs).toBeGreaterThan(spent - 100);
  expect(cpuMs).toBeLessThan(spent + 100);
  expect(reported.at(-1)?.rssBytes).toBeGreaterThan(rssBytesOf(family) * 0.7);
  expect(reported.at(-1)?.rssBytes).toBeLessThan(rssBytesOf(family) * 1.3);
});

test('the ingress measures how a command answers, its guest what only the inside shows', async () => {
  await using app = await startCommands({ legacy: hardCoded });
  await app.engine.settled();
  await using traffic = startTraffic(app.url('legacy'), clientsOf('/'));
  const samples = samplesOf(app.engine);
  await samples.until(({ heapUsedBytes, eventLoopUtilization, services: [seen] }) => {
    const isMeasured = seen !== undefined && seen.completions > 0 && seen.totalMs > 0;
    return isMeasured && heapUsedBytes > 0 && eventLoopUtilization > 0;
  });
  expect((await traffic.stop()).failures).toEqual({});
});

test('a command learns who its client is, and may take over the connection', async () => {
  await using app = await startCommands({ legacy: hardCoded });
  await app.engine.settled();

  const headers = { 'x-forwarded-for': '203.0.113.7' };
  const from = await fetch(`${app.url('legacy')}/from`, { headers });
  expect(await from.text()).toBe('127.0.0.1');

  const upgrade = { headers: { connection: 'upgrade', upgrade: 'echo' } };
  const outbound = request(app.url('legacy'), upgrade).end();
  const [, socket] = await once(outbound, 'upgrade');
  socket.write('hello');
  expect(String(await once(socket, 'data'))).toBe('hello');
  socket.destroy();
});

test('a command that never listens is not ready, which is told with its last words', async () => {
  const service = { ...hardCoded, command: 'node never-listens.mjs', timeouts: { start: '1 s' } };
  await using app = await startCommands({ legacy: service }, { isStrict: true });

  await expect(app.engine.settled()).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringMatching(
      /not ready within 1 s: legacy: nothing listens on .*; its last words: waiting for the database/,
    ),
  });
});

test('a command that exits at once is given up after five crashes, and says why', async () => {
  await using app = await startCommands({
    legacy: { command: 'node exits-at-once.mjs', port: 0 },
  });
  await app.engine.settled();

  expect(app.engine.services()[0]).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/exit code 3: no licence \(5 crashes/),
  });
});

test('a command that works off its stdin is told that there is nothing in it', async () => {
  await using app = await startCommands({ legacy: { command: 'cat' } });
  await app.until(() => app.engine.services()[0]?.reason !== undefined);
  expect(app.engine.services()[0]?.reason).toMatch(/^exit code 0: it has to run on, .*stdin/);
});

test('a command that leaves gets SIGTERM, and ends in its own way', async () => {
  const service = { command: 'node closes-in-peace.mjs', port: 0, workers: 2 };
  await using app = await startCommands({ legacy: service });
  await app.engine.settled();
  await fetch(app.url('legacy'));
  await app.engine.apply({ kind: 'scale', service: 'legacy', workers: 1 });
  await app.engine.stop();

  expect(readFileSync(join(app.directory, 'closed'), 'utf8')).toBe('in peace\nin peace\n');
});

test('a command that ignores SIGTERM is killed when its time to stop is over', async () => {
  const service = { command: 'node ignores-sigterm.mjs', port: 0, timeouts: { stop: '500 ms' } };
  await using app = await startCommands({ legacy: service });
  await app.engine.settled();
  const [pid = 0] = app.pids('legacy');
  const told = once(app.engine, 'event');
  await app.engine.stop();

  expect(processStart(pid)).toBeUndefined();
  expect((await told)[0]).toMatchObject({
    text: 'legacy#1 did not end within `timeouts.stop`, and was killed',
  });
});

test('a command has all the time that its requests leave it to end', async () => {
  const service = { command: 'node ends-slowly.mjs', timeouts: { stop: '2 s' } };
  await using app = await startCommands({ legacy: service });
  await app.engine.settled();
  await app.engine.stop();

  expect(readFileSync(join(app.directory, 'ended'), 'utf8')).toBe('in peace');
});

test('a command without a port is ready when it keeps running, and started again when not', async () => {
  await using app = await startCommands({ queue: { command: 'sleep 600' } });
  await app.engine.settled();
  expect(app.engine.services()[0]?.status).toBe('ready');

  const [victim = 0] = app.pids('queue');
  process.kill(victim, 'SIGKILL');
  await app.until(() => app.engine.services()[0]?.workers[0]?.restarts === 1);
  await app.until(() => app.engine.services()[0]?.workers.every(isReady) === true);
  await app.engine.apply({ kind: 'scale', service: 'queue', workers: 2 });

  expect(app.pids('queue')).toHaveLength(2);
  expect(app.pids('queue')).not.toContain(victim);
});

test('a command has its processes to itself', async () => {
  await using app = await startCommands({
    queue: { command: 'sleep 600' },
    other: { command: 'sleep 600' },
  });
  await expect(
    app.engine.apply({ kind: 'colocate', service: 'queue', with: ['other'] }),
  ).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('has its processes to itself'),
  });
});
