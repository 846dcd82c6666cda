import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newTraceparent } from '../../src/sdk/rpc/trace.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { parsePrometheus } from '../helpers/prometheus.ts';
import { statusOf } from '../helpers/status.ts';

let app: CopiedApp;

beforeAll(async () => {
  app = await startCopy('test/fixtures/apps/market');
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const ask = async (path: string, options: RequestInit = {}) => {
  const response = await fetch(`${app.http}${path}`, options);
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};

const post = (path: string, body?: unknown) =>
  ask(path, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });

const linesOf = (file: string): readonly string[] => {
  const path = join(app.directory, 'services', file);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};

/** Asks again until it is so, as workers report once a second. */
const figures = async (name: string, isEnough: (values: Figures) => boolean): Promise<Figures> => {
  const metrics = parsePrometheus((await app.forge('metrics')).stdout);
  const found = new Map(
    (metrics.get(name) ?? []).map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  );
  return isEnough(found) ? found : figures(name, isEnough);
};
type Figures = ReadonlyMap<string, number>;

test('what a service carries arrives in another process, and an interceptor of the config stands round it', async () => {
  expect(await ask('/whom')).toEqual({
    status: 200,
    body: {
      tenant: 'acme',
      auth: { sub: 'ada' },
      baggage: { plan: 'gold' },
      hops: 1,
      from: 'stall',
      stamped: true,
    },
  });
});

test('nothing comes in from outside, not even a trace of somebody that is not trusted [D7] [D8]', async () => {
  const traceparent = newTraceparent();
  const { body } = await ask('/outside', {
    headers: {
      traceparent,
      tracestate: 'a=1',
      baggage: 'plan=gold',
      'x-forge-tenant': 'acme',
      'x-forge-auth': '{"sub":"root"}',
      x_forge_hops: '0',
      'x-forge-deadline': '1000000000',
      'x-forge-from': 'ledger',
    },
  });
  expect(body).toEqual({
    baggage: {},
    hops: 0,
    from: 'ingress',
    traceparent: expect.not.stringContaining(traceparent),
  });
});

test('a circle of calls through several processes is answered 508 [E7]', async () => {
  expect(await ask('/around')).toMatchObject({
    status: 508,
    body: { error: { code: 'TOO_MANY_HOPS' } },
  });
});

describe('a contract route with schemas, in decorators', () => {
  test('takes what fits, answers what its output leaves, and publishes that', async () => {
    const before = linesOf('sold.txt').length;
    expect(await post('/deposits', { amount: 5, x: 1 })).toEqual({
      status: 201,
      body: { amount: 5 },
    });
    await expect.poll(() => linesOf('sold.txt').length).toBe(before + 1);
  });

  test('refuses with 400 and the place what does not', async () => {
    for (const body of [{ amount: -1 }, {}, [], undefined, '{"__proto__":{"amount":1}}']) {
      expect(await post('/deposits', body)).toMatchObject({
        status: 400,
        body: {
          error: { code: 'INPUT_INVALID', message: expect.stringContaining('body.amount: ') },
        },
      });
    }
  });

  test('is answered 429 beyond its rate', async () => {
    const statuses = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await ask('/capped')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });
});

describe('an event', () => {
  test('by hand reaches every worker of who wants all, and the command says so', async () => {
    const { code, stdout } = await app.forge('emit', 'price.up.fast', '{"sku":7}');
    expect([code, stdout]).toEqual([
      0,
      '_isolated:ledger#1  handled\n_isolated:ledger#2  handled\n',
    ]);
    expect(linesOf('prices.txt').toSorted()).toEqual([
      '_isolated:ledger#1 7',
      '_isolated:ledger#2 7',
    ]);
    const one = await app.forge('emit', 'stock.found', '1', '--json');
    expect(JSON.parse(one.stdout)).toEqual({
      version: 1,
      event: 'stock.found',
      deliveries: [{ service: 'ledger' }],
    });
  });

  test('that nobody wants, that fails, or that is none is answered so', async () => {
    expect((await app.forge('emit', 'nobody.cares')).stdout).toBe(
      'nobody listens to nobody.cares\n',
    );
    const failed = await app.forge('emit', 'price.up', 'null');
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringContaining('price.up failed for 2 of 2 subscribers'),
    ]);
    expect((await app.forge('emit', 'price.*')).code).toBe(2);
    expect((await app.forge('emit', 'price.up', '{')).code).toBe(2);
  });

  test('is handled once at most, and counted, when a worker is killed in a flood of them [E9]', async () => {
    const count = 20_000;
    const first = linesOf('sold.txt').length;
    const of = (outcome: string) => `stall stock.sold ledger ${outcome}`;
    const flood = post(`/flood/${count}`);
    await expect.poll(() => linesOf('sold.txt').length).toBeGreaterThan(first + 100);
    const { services } = await statusOf(app);
    process.kill(services.find(({ name }) => name === 'ledger')?.workers[0]?.pid ?? 0, 'SIGKILL');
    expect((await flood).status).toBe(204);

    const outcomes = ['delivered', 'failed', 'dropped'];
    const sum = (values: Figures): number =>
      outcomes.reduce((all, outcome) => all + (values.get(of(outcome)) ?? 0), 0);
    const values = await figures('forge_events_total', (found) => sum(found) >= count);
    const [delivered = 0, failed = 0] = outcomes.map((outcome) => values.get(of(outcome)));
    const written = linesOf('sold.txt').slice(first);
    expect(sum(values)).toBe(count);
    expect(new Set(written).size).toBe(written.length);
    expect(written.length).toBeGreaterThanOrEqual(delivered);
    expect(written.length).toBeLessThanOrEqual(delivered + failed);
    // No more than were on their way; whether any was is a matter of the moment.
    expect(failed).toBeLessThanOrEqual(32);
  });

  test('is dropped and counted where its subscribers stand still, and who emits is answered [E9]', async () => {
    const count = 100_000;
    const of = (outcome: string) => `stall stock.sold ledger ${outcome}`;
    const outcomes = ['delivered', 'failed', 'dropped'];
    const sum = (values: Figures): number =>
      outcomes.reduce((all, outcome) => all + (values.get(of(outcome)) ?? 0), 0);
    const before = await figures('forge_events_total', () => true);
    const readyPids = async (): Promise<readonly number[]> =>
      (await statusOf(app)).services
        .filter(({ name }) => name === 'ledger')
        .flatMap(({ workers }) => workers.filter(({ status }) => status === 'ready'))
        .map(({ pid }) => pid);
    await expect.poll(readyPids, { timeout: 10_000 }).toHaveLength(2);
    const pids = await readyPids();

    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    expect((await post(`/flood/${count}`)).status).toBe(204);
    for (const pid of pids) process.kill(pid, 'SIGCONT');

    const after = await figures('forge_events_total', (found) => sum(found) >= sum(before) + count);
    expect(sum(after) - sum(before)).toBe(count);
    // All but those that were on their way and those that may wait.
    const dropped = (after.get(of('dropped')) ?? 0) - (before.get(of('dropped')) ?? 0);
    expect(dropped).toBe(count - 32 - 1_000);
  });
});

test('every method, route, proxy call and event is in one scrape', async () => {
  const isThere = (key: string) => (found: Figures) => (found.get(key) ?? 0) > 0;
  // Again: whoever was killed may have taken the first with it, untold.
  expect((await ask('/whom')).status).toBe(200);
  await figures('forge_calls_total', isThere('ledger call whom ok'));
  await figures('forge_calls_total', isThere('stall route whom ok'));
  await figures('forge_calls_total', isThere('teller route capped refused'));
  await figures('forge_proxy_calls_total', isThere('stall ledger'));
  await figures('forge_proxy_calls_total', isThere('ingress stall'));
  await figures('forge_events_emitted_total', isThere('teller stock.deposited'));
  await figures('forge_worker_memory_bytes', isThere('_isolated:ledger#1'));
});

test('what the ingress answered is counted by the route as it is declared, whatever was asked', async () => {
  const unknown = Array.from({ length: 30 }, (_, index) => ask(`/made-up-${index}`).catch(() => 0));
  await Promise.all([...unknown, post('/flood/1'), post('/flood/2'), fetch(`${app.http}/healthz`)]);
  const ofIngress = await figures(
    'forge_calls_total',
    (found) =>
      (found.get('ingress http (no route) refused') ?? 0) >= 30 &&
      (found.get('ingress http POST /flood/:count ok') ?? 0) >= 2 &&
      (found.get('ingress http (health) ok') ?? 0) >= 1,
  );
  expect([...ofIngress.keys()].filter((key) => /made-up|flood\/\d/.test(key))).toEqual([]);
  const durations = await figures('forge_call_duration_seconds_count', () => true);
  expect(durations.get('ingress http POST /flood/:count')).toBeGreaterThanOrEqual(2);
});

test('forge openapi describes the routes, whether the app runs or not', async () => {
  const { code, stdout } = await app.forge('openapi');
  expect(code).toBe(0);
  const document = JSON.parse(stdout);
  expect((await new Validator().validate({ ...document })).valid).toBe(true);
  expect(document.paths['/deposits'].post.requestBody.content['application/json'].schema).toEqual({
    type: 'object',
    properties: { amount: { type: 'number' } },
  });
  expect(Object.keys(document.paths)).toContain('/flood/{count}');
});
