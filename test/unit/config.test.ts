import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDuration, parseSize } from '../../src/protocol/units.ts';
import { loadConfig } from '../../src/supervisor/config/load-config.ts';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';
import { overridesOf, placementsOf, stoppedOf } from '../../src/supervisor/topology/placement.ts';
import { runDirOf } from '../../src/supervisor/topology/run-dir.ts';

const around = {
  file: 'forge.config.ts',
  directory: '/app',
  budget: { cores: 2 },
  exists: (path: string) => !path.includes('missing'),
};
const parse = (raw: unknown) => parseConfig(raw, around);
const one = (fields: object) => ({ services: { users: { entry: './users.js', ...fields } } });

test('what a config leaves out gets its default', () => {
  const { services, advisor, app } = parse(one({}));
  expect(app).toBe('app');
  expect(services).toEqual([
    {
      name: 'users',
      entry: '/app/users.js',
      group: '_isolated:users',
      workers: { min: 1, max: 8, initial: 1 },
      connects: [],
      dependsOn: [],
      env: {},
      health: { blockedAfter: 1_000, replaceAfter: 5_000 },
      timeouts: { start: 30_000, stop: 10_000, request: 30_000 },
    },
  ]);
  expect(advisor.thresholds.underutilized.duration).toBe(1_800_000);
});

test('times and sizes are written in text, thresholds are merged with the defaults', () => {
  const config = parse({
    services: {
      thumbs: {
        entry: './thumbs.ts',
        workers: { min: 1, max: 4 },
        memory: { limit: '512MB' },
        weight: 2,
        timeouts: { stop: '2 s' },
      },
      users: { entry: './users.js', group: 'main', workers: 2 },
      orders: { entry: './orders.js', group: 'main', connects: ['users', 'billing'] },
      billing: { type: 'remote', address: 'http://billing.example:4000' },
    },
    app: 'shop',
    http: { port: 3000 },
    advisor: {
      cooldownMs: 1_000,
      thresholds: { cpu: { critical: 90 }, underutilized: { duration: '20 s' } },
    },
  });
  const { services, remotes, advisor, httpPort } = config;
  expect(httpPort).toBe(3000);
  expect(services[0]?.workers).toEqual({ min: 1, max: 4, initial: 1 });
  expect(services[0]?.memoryLimit).toBe(parseSize('512MB'));
  expect(services[0]?.weight).toBe(2);
  expect(services[0]?.timeouts.stop).toBe(2_000);
  expect(remotes).toEqual([{ name: 'billing', address: 'http://billing.example:4000' }]);
  expect(advisor.thresholds.cpu).toEqual({ warning: 60, critical: 90, scaleDown: 40 });
  expect(advisor.thresholds.underutilized).toEqual({ cpu: 20, duration: parseDuration('20 s') });
  expect(placementsOf(config).at(1)).toEqual({
    group: 'main',
    services: ['users', 'orders'],
    workers: 2,
  });
});

const wrong: readonly (readonly [string, unknown, object])[] = [
  ['no services', {}, { message: expect.stringContaining('services is missing') }],
  [
    'an unknown key at the top',
    { servcies: {} },
    { code: 'CONFIG_UNKNOWN_KEY', remedy: expect.stringContaining('Did you mean services?') },
  ],
  ['services at the top', { api: { entry: '' } }, { remedy: 'Write { services: { api: … } }.' }],
  [
    'two letters in the wrong order',
    one({ entyr: './u.js' }),
    { remedy: expect.stringContaining('Did you mean entry?') },
  ],
  [
    'an unknown key of a service',
    one({ worker: 2 }),
    {
      message: 'forge.config.ts: unknown key services.users.worker',
      remedy: expect.stringContaining('Did you mean workers?'),
    },
  ],
  [
    'an unknown key deep inside',
    { ...one({}), advisor: { thresholds: { cpu: { crit: 1 } } } },
    { message: 'forge.config.ts: unknown key advisor.thresholds.cpu.crit' },
  ],
  [
    'workers that are no number',
    one({ workers: 'many' }),
    { message: expect.stringContaining('services.users.workers is "many"') },
  ],
  [
    'a weight that is no number',
    one({ weight: 'heavy' }),
    { message: expect.stringContaining('services.users.weight is "heavy"') },
  ],
  ['a weight of nothing', one({ weight: 0 }), { remedy: 'Write a number, 0.1 to 100.' }],
  [
    'a memory limit that no Node process can keep',
    one({ memory: { limit: '10MB' } }),
    { remedy: "Write '96MB' or more." },
  ],
  [
    'a time without sense',
    one({ timeouts: { stop: 'soon' } }),
    { remedy: expect.stringContaining("'20 s'") },
  ],
  ['an entry that does not exist', one({ entry: './missing.js' }), { code: 'ENTRY_MISSING' }],
  [
    'connects with an unknown service',
    one({ connects: ['user'] }),
    { remedy: 'Did you mean users? Known are users.' },
  ],
  [
    'services that wait for each other',
    {
      services: {
        a: { entry: './a.js', dependsOn: ['b'] },
        b: { entry: './b.js', dependsOn: ['c'] },
        c: { entry: './c.js', dependsOn: ['b'] },
      },
    },
    { code: 'CONFIG_CYCLE', message: expect.stringContaining('b → c → b') },
  ],
  [
    'a remote service without address',
    { services: { billing: { type: 'remote' } } },
    { message: expect.stringContaining('services.billing.address is missing') },
  ],
  [
    'colocated services with different environments',
    {
      services: {
        a: { entry: './a.js', group: 'g', env: { MODE: 'x' } },
        b: { entry: './b.js', group: 'g', env: { MODE: 'y' } },
      },
    },
    { message: expect.stringContaining('services.b.env.MODE differs from that of a') },
  ],
];

test.each(wrong)('a config with %s says what to edit', (_name, raw, error) => {
  expect(() => parse(raw)).toThrow(expect.objectContaining({ exitCode: 2, ...error }));
});

test.each([
  ['throws', 'throw new Error("oops")', 'oops', 'Correct the file'],
  ['exports nothing', 'export const a = 1', 'no default export', 'Write `export default'],
  ['has a wrong token', 'export default {\n  a: {,', 'forge.config.mjs:2)', 'Correct the file'],
  ['never ends', 'await new Promise((r) => setInterval(r, 1e9))', '5 s', 'Correct the file'],
  ['exits', 'process.exit(3)', 'ended the process', 'Correct the file'],
])('a config file that %s is reported with its reason and its mend', async (...row) => {
  const [, source, reason, remedy] = row;
  const directory = mkdtempSync(join(tmpdir(), 'forge-config-'));
  writeFileSync(join(directory, 'forge.config.mjs'), source);
  await expect(loadConfig({ directory })).rejects.toMatchObject({
    code: 'CONFIG_NOT_LOADED',
    message: expect.stringContaining(reason),
    remedy: expect.stringContaining(remedy),
  });
  rmSync(directory, { recursive: true });
});

test('a folder without a config says so', async () => {
  await expect(loadConfig({ directory: '/' })).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' });
});

test('the run directory follows the environment, and one too long for a socket is refused', () => {
  const app = { app: 'shop', directory: '/srv/shop' };
  expect(runDirOf(app.directory, { FORGE_RUN_DIR: '/r' })).toBe('/r');
  expect(runDirOf(app.directory, { XDG_RUNTIME_DIR: '/run/user/1' })).toMatch(
    /^\/run\/user\/1\/forge\/shop-[0-9a-f]{8}$/,
  );
  expect(runDirOf(app.directory, {})).toBe('/srv/shop/.forge/run');
  expect(() => runDirOf(app.directory, { FORGE_RUN_DIR: `/${'x'.repeat(100)}` })).toThrow(
    expect.objectContaining({ code: 'SOCKET_PATH_TOO_LONG' }),
  );
});

test("workers of 'auto' are those that the cores allow, and an order to one group takes none away", () => {
  const services = {
    api: { entry: './api.js', workers: 'auto', weight: 2 },
    jobs: { entry: './jobs.js', workers: 'auto' },
    mailer: { entry: './mailer.js' },
    search: { entry: './search.js', workers: { min: 2, max: 2, initial: 'auto' } },
  };
  const config = parseConfig({ services }, { ...around, budget: { cores: 10 } });
  const counts = (overrides?: Parameters<typeof placementsOf>[1]) =>
    placementsOf(config, overrides).map(({ workers }) => workers);

  expect(counts()).toEqual([4, 2, 1, 2]);
  const scaled = { groups: {}, workers: { '_isolated:jobs': 5 } };
  expect(counts(scaled)).toEqual([4, 5, 1, 2]);
  expect(overridesOf(config, placementsOf(config, scaled))).toEqual(scaled);
});

test('overrides hold what differs from the config, and give the layout back', () => {
  const config = parse({
    services: {
      users: { entry: './users.js', group: 'main' },
      orders: { entry: './orders.js', group: 'main' },
    },
  });
  const layout = [
    { group: 'main', services: ['orders'], workers: 1 },
    { group: '_isolated:users', services: ['users'], workers: 3 },
  ];
  const overrides = overridesOf(config, layout);
  expect(overrides).toEqual({
    groups: { users: '_isolated:users' },
    workers: { '_isolated:users': 3 },
  });
  expect(placementsOf(config, overrides)).toEqual(layout.toReversed());
});

test('what is stopped keeps its place and its cores, over a restart too', () => {
  const services = {
    api: { entry: './api.js', workers: 'auto' },
    jobs: { entry: './jobs.js', workers: 'auto' },
    users: { entry: './users.js', group: 'main' },
    orders: { entry: './orders.js', group: 'main' },
  };
  const config = parseConfig({ services }, { ...around, budget: { cores: 10 } });
  const whole = placementsOf(config);
  const contract = { expose: ['find'], routes: [], emits: {}, on: {} };
  const overrides = {
    groups: { orders: '_isolated:orders' },
    workers: { '_isolated:jobs': 2, '_isolated:orders': 2 },
    stopped: { jobs: contract, users: contract, orders: contract },
  };
  const running = placementsOf(config, overrides);
  expect(running).toEqual(whole.slice(0, 1));
  const stopped = stoppedOf(config, overrides);
  expect(stopped).toEqual({
    jobs: { group: '_isolated:jobs', workers: 2, contract },
    users: { group: 'main', workers: 1, contract },
    orders: { group: '_isolated:orders', workers: 2, contract },
  });
  expect(overridesOf(config, running, stopped)).toEqual(overrides);
});

test('how much of the logs is kept is written in sizes and times, and must fit together', () => {
  expect(parse(one({})).logs).toEqual({
    maxSize: parseSize('16MB'),
    maxAge: parseDuration('7d'),
    budget: parseSize('1GB'),
    minFree: 5,
  });
  const logs = (value: object) => parse({ ...one({}), logs: value }).logs;
  expect(logs({ maxSize: '2MB', budget: '4MB' })).toMatchObject({ budget: parseSize('4MB') });
  expect(() => logs({ maxsize: '2MB' })).toThrow('unknown key logs.maxsize');
  expect(() => logs({ maxSize: '2KB' })).toThrow('logs.maxSize is less than 1 MB');
  expect(() => logs({ budget: '20MB' })).toThrow('logs.budget is less than twice logs.maxSize');
  expect(() => logs({ minFree: 80 })).toThrow('logs.minFree is 80');
});

test('a canary is another service with an entry, which has none itself', () => {
  const users = (canary: unknown) => ({ entry: './users.js', routing: { canary } });
  const next = { entry: './next.js' };
  const good = { service: 'next', percent: 5 };
  const { services } = parse({ services: { users: users(good), next } });
  expect(services[0]?.canary).toEqual(good);
  for (const [name, canary, others] of [
    ['routing.canary', { service: 'users', percent: 5 }, { next }],
    ['routing.canary', { service: 'nobody', percent: 5 }, { next }],
    ['routing.canary', good, { next: { command: 'node x.js' } }],
    [
      'routing.canary',
      good,
      { next: { ...next, routing: { canary: { service: 'users', percent: 1 } } } },
    ],
    ['routing.canary.percent', { service: 'next', percent: 101 }, { next }],
    ['routing.canary.percent', { service: 'next' }, { next }],
    ['routing.canary.service', { percent: 1 }, { next }],
  ] as const) {
    expect(() => parse({ services: { users: users(canary), ...others } })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`services.users.${name}`),
      }),
    );
  }
});
