import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { writeApp } from '../helpers/written-app.ts';

type Files = Readonly<Record<string, string>>;

const quiet = { entry: './services/quiet.mjs' };
const json = (config: object): Files => ({
  'forge.config.json': JSON.stringify(config),
});
const module = (text: string): Files => ({ 'forge.config.mjs': text });

/** What the two lines on stderr say: what is wrong, then what to do. */
const refusals: readonly (readonly [string, Files, readonly [string, string]])[] = [
  [
    'an unknown key',
    json({ services: { users: { ...quiet, worker: 2 } } }),
    [
      'forge.config.json: unknown key services.users.worker',
      'Did you mean workers? The keys known here are entry,',
    ],
  ],
  [
    'an unknown key at the top',
    json({ services: { users: quiet }, htpp: { port: 3000 } }),
    ['forge.config.json: unknown key htpp', 'Did you mean http? The keys known here are services,'],
  ],
  [
    'an entry that does not exist',
    json({ services: { users: { entry: './services/user.mjs' } } }),
    [
      'forge.config.json: services.users.entry names ./services/user.mjs, which does not exist',
      'Correct the path (it is relative to the config file), or create the file.',
    ],
  ],
  [
    'an entry that is a folder',
    json({ services: { users: { entry: './services' } } }),
    ['/services, which is no file', 'Name the module in it, such as index.js.'],
  ],
  [
    'a folder of a command that is a file',
    json({ services: { legacy: { command: 'node a.js', cwd: './services/quiet.mjs' } } }),
    ['/services/quiet.mjs, which is no folder', 'Name the folder in which the command is to run.'],
  ],
  [
    'an unknown service in connects',
    json({ services: { users: quiet, orders: { ...quiet, connects: ['user'] } } }),
    [
      'forge.config.json: services.orders.connects names user, which is no service',
      'Did you mean users? Known are users, orders.',
    ],
  ],
  [
    'services that depend on each other in a circle',
    json({
      services: {
        a: { ...quiet, dependsOn: ['b'] },
        b: { ...quiet, dependsOn: ['c'] },
        c: { ...quiet, dependsOn: ['b'] },
      },
    }),
    [
      'forge.config.json: dependsOn goes in a circle: b → c → b',
      'Remove one of these dependsOn entries; `connects` may be cyclic.',
    ],
  ],
  [
    'a port that is none',
    json({ services: { users: quiet }, http: { port: 65_536 } }),
    ['forge.config.json: http.port is 65536', 'Write a number, 0 to 65535.'],
  ],
  [
    'no services',
    json({ services: {} }),
    ['forge.config.json: services is empty', "Write { users: { entry: './services/users.js' } }."],
  ],
  [
    'JSON that is none',
    { 'forge.config.json': '{ "services": ' },
    [
      'forge.config.json cannot be loaded: Unexpected end of JSON input',
      'Correct the file; `node ',
    ],
  ],
  [
    'a config that throws',
    module('throw new Error("no secrets here")'),
    ['forge.config.mjs cannot be loaded: no secrets here', 'Correct the file; `node '],
  ],
  [
    'a config that exits with a message',
    module('console.error("set STAGE first"); process.exit(1);'),
    ['forge.config.mjs cannot be loaded: set STAGE first', 'Correct the file; `node '],
  ],
  [
    'a config with a value that is no data',
    module('export default { services: { users: { workers: 2n } } }'),
    [
      'forge.config.mjs cannot be loaded: Do not know how to serialize a BigInt',
      'Correct the file; `node ',
    ],
  ],
  [
    'a config that never comes to an end',
    module('await new Promise((resolve) => setTimeout(resolve, 1e9));'),
    ['forge.config.mjs cannot be loaded: it was not done after 5 s', 'Correct the file; `node '],
  ],
  [
    'a contract decorator that cannot be built',
    {
      ...json({ services: { users: { entry: './users.ts' } } }),
      'users.ts': '@Named("x"\nexport default class Users {}',
    },
    [
      'The entry of users cannot be built:',
      'Correct the file; it is bundled, as Node cannot run it by stripping types.',
    ],
  ],
];

test.each(refusals)(
  '%s is refused in one message, and nothing is started',
  async (_name, files, [what, remedy]) => {
    using app = writeApp(files);
    const { code, stdout, stderr } = await app.forge('start');

    expect(stderr).toContain(what);
    expect(stderr).toContain(`\n  → ${remedy}`);
    expect(stderr).toMatch(/^forge: /);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, stdout]).toEqual([2, '']);
    expect(app.remains()).toEqual([]);
  },
);

test('a message of the config names the file by its whole path', async () => {
  using app = writeApp(json({ services: { users: { ...quiet, worker: 2 } } }));
  const { stderr } = await app.forge('start', '--headless');
  expect(stderr.split('\n')).toHaveLength(3);
  expect(stderr).toContain(`forge: ${app.file('forge.config.json')}: unknown key`);
});

test('a taken port is refused with the process that has it, and nothing is started', async () => {
  const owner = createServer();
  await new Promise<void>((resolve) => owner.listen(0, resolve));
  const address = owner.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  using app = writeApp(json({ services: { users: quiet }, http: { port } }));

  const { code, stdout, stderr } = await app.forge('start');
  owner.close();

  expect(stderr).toMatch(
    new RegExp(
      `^forge: Port ${port} \\(http\\.port\\) is taken by node.* \\(pid ${process.pid}\\)\n`,
    ),
  );
  expect(stderr).toContain('\n  → Stop its owner, or choose another port with `--http PORT`');
  expect([code, stdout]).toEqual([2, '']);
  expect(app.remains()).toEqual([]);
});

test('a port of the command line that a service has is refused', async () => {
  const legacy = { command: 'sleep 60', port: 4_281 };
  using app = writeApp(json({ services: { legacy }, http: { port: 0, admin: { port: 4_282 } } }));

  const ofService = await app.forge('start', '--headless', '--http', '4281');
  const ofAdmin = await app.forge('start', '--headless', '--http', '4282');

  expect([ofService.code, ofService.stderr]).toEqual([
    2,
    'forge: --http 4281 is that of services.legacy.port\n  → Give each its own port.\n',
  ]);
  expect([ofAdmin.code, ofAdmin.stderr]).toEqual([
    2,
    'forge: --http 4282 is that of http.admin.port\n  → Give each its own port.\n',
  ]);
  expect(app.remains()).toEqual([]);
});

test('a folder without a config says where one was looked for', async () => {
  using app = writeApp({});
  for (const command of ['start', 'status', 'stop']) {
    const { code, stderr } = await app.forge(command);
    expect([code, stderr]).toEqual([
      2,
      `forge: There is no forge.config file in ${app.directory}\n  → Let \`forge init\` write an app, name the folder of one with \`--app DIR\`, or start a server with \`forge start FILE\`.\n`,
    ]);
  }
});

test('a config in JSON may begin with the mark that editors on Windows put there', async () => {
  using app = writeApp({
    'forge.config.json': `\uFEFF${JSON.stringify({ services: { users: quiet } })}`,
  });
  const { code, stdout } = await app.forge('config', '--why', 'users.entry');
  expect([code, stdout]).toEqual([0, expect.stringContaining('quiet.mjs')]);
});
