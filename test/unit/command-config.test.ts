import { expect, test } from 'vitest';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';

const around = {
  file: 'forge.config.ts',
  directory: '/app',
  budget: { cores: 2 },
  exists: (path: string) => !path.includes('missing'),
};
const parse = (raw: unknown) => parseConfig(raw, around);
const one = (fields: object) => ({ services: { users: { entry: './users.js', ...fields } } });

test('a command has its own processes, folder and limits', () => {
  const { services } = parse({
    services: {
      legacy: { command: 'node server.js', port: 8081, health: '/health', cwd: './legacy' },
      queue: { command: 'python3 queue.py > /dev/null 2>&1', timeouts: { stop: '1 min' } },
    },
  });
  expect(services[0]).toEqual({
    name: 'legacy',
    command: 'node server.js',
    cwd: '/app/legacy',
    port: 8081,
    healthPath: '/health',
    group: '_isolated:legacy',
    workers: { min: 1, max: 8, initial: 1 },
    connects: [],
    dependsOn: [],
    env: {},
    timeouts: { start: 30_000, stop: 10_000, request: 30_000 },
    health: { blockedAfter: 1_000, replaceAfter: 5_000 },
  });
  expect(services[1]).toMatchObject({ cwd: '/app', timeouts: { stop: 60_000 } });
  expect(services[1]).not.toHaveProperty('port');
});

test.each([
  ['cd legacy && node server.js', true],
  ['node a.js; node b.js', true],
  ['node a.js | tee log', true],
  ['node a.js &', true],
  ['MODE=x node a.js', true],
  ['node a.js\nnode b.js', true],
  ['( node a.js )', true],
  ['if true', true],
  ['! node a.js', true],
  ['node a.js > log 2>&1', false],
  ['node a.js $(date +%s) $HOME `date`', false],
  ["node a.js # it's one; of two", false],
  ['iffy --for if', false],
  ['node -e "a(); b() && c()"', false],
  ["sh -c 'cd legacy && exec node a.js'", false],
  ['node a.js a\\;b', false],
])('the command %j is more than one: %s', (command, isCompound) => {
  const parsing = () => parse({ services: { legacy: { command } } });
  if (isCompound) expect(parsing).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  else expect(parsing().services[0]).toMatchObject({ command });
});

test.each([
  ['# hi', 'names no program'],
  ['node a.js "x', 'has a quote that is not closed'],
  ["node a.js 'x", 'has a quote that is not closed'],
])('the command %j %s', (command, problem) => {
  expect(() => parse({ services: { legacy: { command } } })).toThrow(
    `services.legacy.command ${problem}`,
  );
});

const wrong: readonly (readonly [string, unknown, object])[] = [
  [
    'a folder without a command',
    one({ cwd: './legacy' }),
    { message: expect.stringContaining('services.users.cwd belongs to a command') },
  ],
  [
    'one port for a command and a service',
    { services: { a: { entry: './a.js', port: 80 }, b: { command: 'b', port: 80 } } },
    { message: expect.stringContaining('services.b.port is that of services.a.port') },
  ],
  [
    'a command that shares its processes',
    { services: { legacy: { command: 'node server.js', group: 'main' } } },
    { code: 'CONFIG_UNKNOWN_KEY', message: expect.stringContaining('legacy.group') },
  ],
  [
    'an unknown time limit of a command',
    { services: { legacy: { command: 'node server.js', timeouts: { request: '1 s' } } } },
    { code: 'CONFIG_UNKNOWN_KEY' },
  ],
  [
    'a health path without a port',
    { services: { legacy: { command: 'node server.js', health: '/health' } } },
    { message: expect.stringContaining('services.legacy.health needs a port') },
  ],
  [
    'a PORT of its own for a command',
    { services: { legacy: { command: 'node server.js', port: 1, env: { PORT: '2' } } } },
    { message: expect.stringContaining('services.legacy.env.PORT is given to each instance') },
  ],
  [
    'a folder of a command that does not exist',
    { services: { legacy: { command: 'node server.js', cwd: './missing' } } },
    { message: expect.stringContaining('services.legacy.cwd names ./missing') },
  ],
  [
    'two commands on one port',
    {
      services: {
        a: { command: 'node a.js', port: 8081 },
        b: { command: 'node b.js', port: 8081 },
      },
    },
    { message: expect.stringContaining('services.b.port is that of services.a.port') },
  ],
  [
    'a command on the HTTP port',
    { services: { a: { command: 'node a.js', port: 3000 } }, http: { port: 3000 } },
    { message: expect.stringContaining('services.a.port is that of http.port') },
  ],
  [
    'calls to a command',
    {
      services: {
        legacy: { command: 'node server.js' },
        users: { entry: './users.js', connects: ['legacy'] },
      },
    },
    { remedy: 'Call legacy over HTTP, at its port.' },
  ],
];

test.each(wrong)('a config with %s says what to edit', (_name, raw, error) => {
  expect(() => parse(raw)).toThrow(expect.objectContaining({ exitCode: 2, ...error }));
});
