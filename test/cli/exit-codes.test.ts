import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlProtocolVersion } from '../../src/protocol/control/messages.ts';
import type { ErrorData } from '../../src/protocol/forge-error.ts';
import { encodeLine } from '../../src/protocol/json-lines.ts';
import { runFiles } from '../../src/protocol/worker/succession.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { forge } from '../helpers/forge.ts';
import { temporaryFolder } from '../helpers/rpc.ts';
import { actionsOf } from '../helpers/status.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const quiet = { entry: './services/quiet.mjs' };
const config = { 'forge.config.json': JSON.stringify({ services: { users: quiet } }) };

describe('without a supervisor', () => {
  test.each([
    'status',
    'stop',
    'advise',
    'actions',
    'undo',
    'metrics',
    'call users.getUser 1',
    'routes',
    'top --once',
    'scale users 2',
  ])('forge %s exits 4 and says how to start one', async (command) => {
    using app = writeApp(config);
    const { code, stdout, stderr } = await app.forge(...command.split(' '));
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(
      /^forge: No supervisor answers on .*control\.sock\n {2}→ Start one with `forge start`/,
    );
  });

  test.each(['stop', 'wait'])('forge %s waits for an hour at most', async (command) => {
    using app = writeApp(config);
    const { code, stderr } = await app.forge(command, '--timeout', '1d');
    expect(code).toBe(2);
    expect(stderr).toContain('Write 1 h at most.');
  });

  test('forge wait exits 4 when its time is over', async () => {
    using app = writeApp(config);
    const { code, stdout, stderr } = await app.forge('wait', '--timeout', '100ms');
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('No supervisor answers');
  });
});

describe('something else on the control socket', () => {
  const against = async (talk: (socket: Socket) => void) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'control.sock');
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      talk(socket);
    });
    await once(server.listen(path), 'listening');
    const ran = await forge(['status', '--socket', path]);
    for (const socket of sockets) socket.destroy();
    server.close();
    return ran;
  };

  test('that talks nonsense is exit 1', async () => {
    const { code, stderr } = await against((socket) =>
      socket.write('HTTP/1.1 400 Bad Request\r\n'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^forge: The supervisor sent a message that cannot be read: not JSON.*\n {2}→ .*\n$/,
    );
  });

  test('that is of another version is exit 1', async () => {
    const hello = { type: 'hello', version: controlProtocolVersion + 1, app: 'shop', pid: 1 };
    const { code, stderr } = await against((socket) => socket.write(encodeLine(hello)));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^forge: The supervisor speaks control protocol 2, this command speaks 1\n/,
    );
  });

  test('that never answers is exit 4', async () => {
    const { code, stderr } = await against((socket) => socket.resume());
    expect(code).toBe(4);
    expect(stderr).toContain('No supervisor answers');
  });
});

describe('wrong usage is exit 2, with what to write instead', () => {
  test.each([
    ['', 'Usage: forge'],
    [
      'strat',
      "forge: unknown command 'strat'\n  → Did you mean start? `forge --help` lists the commands.",
    ],
    ['status --jsn', "unknown option '--jsn'\n  → Did you mean --json? `forge status --help` says"],
    ['start --http many', 'Write a port from 0 to 65535.'],
    ['start --http 70000', 'Write a port from 0 to 65535.'],
    ['start --http=', 'Write a port from 0 to 65535.'],
    ['start --only=', 'Write names, separated by commas, such as users,orders.'],
    ['scale users', "missing required argument 'workers'"],
    ['scale users none', 'Write a whole number of workers, 1 or more.'],
    ['wait --timeout soon', 'Write a time such as 30s or 2min.'],
    ['advise --fail-on sometimes', 'Allowed choices are warning, critical.'],
    ['advise dismiss r-1', "required option '--why <text>' not specified"],
    ['status --socket', "option '--socket <file>' argument missing"],
  ])('forge %s', async (command, help) => {
    const { code, stdout, stderr } = await forge(command.split(' ').filter(Boolean));
    expect(stderr).toContain(help);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('but asked for as JSON, the version is one document', async () => {
    const { code, stdout, stderr } = await forge(['version', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, node: process.versions.node });
  });

  test('but asked-for help is exit 0, on stdout', async () => {
    for (const args of [['--help'], ['help'], ['start', '--help'], ['version'], ['--version']]) {
      const { code, stdout, stderr } = await forge(args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/Usage: forge|threadforge \d/);
    }
    expect((await forge(['--help'])).stdout).toContain(
      'Exit codes: 0 done, 1 failed, 2 wrong usage',
    );
  });
});

describe('a running app', () => {
  let app: CopiedApp;
  beforeAll(async () => {
    app = await startCopy('test/fixtures/apps/hello');
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  test.each([
    'status --json',
    'advise --json',
    'actions --json',
    'top --once --json',
    'scale hello 3 --plan --json',
    'scale hello 3 --json',
    'undo --json',
  ])('forge %s prints one document and nothing else', async (command) => {
    const { code, stdout, stderr } = await app.forge(...command.split(' '));
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
    expect(stdout).not.toContain('\u001b');
  });

  test.each([
    ['scale nobody 2 --json', 2, 'There is no service nobody\n  → Name one of: hello, names.'],
    ['advise accept r-0 --json', 2, 'There is no open recommendation r-0'],
    ['split hello --json', 3, 'hello has its workers to itself already'],
    ['scale hello 900 --json', 3, 'hello may have 1 to 8 workers, not 900'],
    ['undo none --json', 3, 'Action none cannot be undone'],
    ['dash', 3, 'A wallboard needs a terminal'],
    ['migrate hello --to eu-2', 3, 'hello was not moved: eu-2 is not joined'],
    ['start', 5, 'is already running under supervisor'],
  ] as const)('forge %s is refused with exit %i', async (command, exit, message) => {
    const { code, stdout, stderr } = await app.forge(...command.split(' '));
    expect(stderr).toContain('forge: ');
    expect(stderr).toContain(message);
    expect(code).toBe(exit);
    if (!command.includes('--json')) return;
    const { error } = JSON.parse(stdout) as { readonly error: ErrorData };
    expect(stderr).toBe(`forge: ${error.message}\n  → ${error.remedy}\n`);
  });

  test('the beginning of an id names an action to take back, and to explain', async () => {
    const scaled = JSON.parse((await app.forge('scale', 'hello', '3', '--json')).stdout);
    const { id } = scaled as { readonly id: string };
    expect((await app.forge('undo', id.slice(0, 8))).code).toBe(0);
    const { code, stdout } = await app.forge('explain', id.slice(0, 8));
    expect([code, stdout]).toEqual([0, expect.stringContaining(id)]);
  });

  test('nobody else may use what is in its run directory', () => {
    const runDir = app.env['FORGE_RUN_DIR'] ?? '';
    const names = readdirSync(runDir);
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/\.http\.sock$/)]));
    const open = names.filter((name) => (statSync(join(runDir, name)).mode & 0o777) !== 0o600);
    expect(open).toEqual([]);
  });

  test('ps tells the supervisor, the ingress and each worker by app and name', async () => {
    const titles = app.processes().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    const shown = titles.map((title) => title.split('\0')[0]);
    expect(shown.filter((title) => title?.startsWith('forge: '))).toEqual(
      expect.arrayContaining([
        'forge: hello supervisor',
        'forge: hello ingress',
        'forge: hello hello#1',
        'forge: hello names#1',
      ]),
    );
    const { stdout } = await app.forge('doctor');
    expect(stdout).toMatch(/supervisor \d+ and this command are both \d/);
  });

  test('with --json the steps to another machine are one document, and it is refused all the same', async () => {
    const { code, stdout } = await app.forge('migrate', 'hello', '--to', 'eu-2', '--json');
    const document = JSON.parse(stdout) as { readonly steps: readonly string[] };
    expect([code, document]).toEqual([
      3,
      { version: 1, service: 'hello', to: 'eu-2', steps: document.steps },
    ]);
    expect(document.steps.join(' ')).toContain('forge start --headless --only hello');
  });
});

/** Its first worker starts at once, every other one when there is a file `go`. */
const slowly = {
  'forge.config.json': JSON.stringify({ services: { slow: { entry: './slow.mjs' } } }),
  'slow.mjs': `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { Service } from 'threadforge';
export default class Slow extends Service {
  async onStart() {
    if (!existsSync('first')) return writeFileSync('first', '');
    while (!existsSync('go')) await after(20);
  }
}`,
};

/** `forge start`, ended with the test whatever becomes of it. */
const start = (app: WrittenApp) => {
  const ended = app.forge('start', '--headless');
  return {
    ended,
    [Symbol.asyncDispose]: async () => {
      await app.forge('stop', '--timeout', '1s');
      await ended;
    },
  };
};

test('a wrong config makes a start in the background exit 2, as one in the foreground does', async () => {
  using app = writeApp({ 'forge.config.json': '{ "servises": {} }' });
  const inFront = await app.forge('start', '--headless');
  expect([inFront.code, inFront.stdout]).toEqual([2, '']);
  expect(inFront.stderr).toContain('servises');
  expect(await app.forge('start', '--daemon')).toMatchObject({ ...inFront });
  expect(app.remains()).toEqual([]);
});

test('a second action on a service is exit 5 while the first is under way', async () => {
  using app = writeApp(slowly);
  await using run = start(app);
  await app.forge('wait');
  const first = app.forge('scale', 'slow', '2');
  await expect.poll(async () => (await actionsOf(app))[0]?.status).toBe('running');

  const second = await app.forge('scale', 'slow', '3', '--json');
  expect([second.code, JSON.parse(second.stdout).error.code]).toEqual([5, 'ACTION_CONFLICT']);
  expect(second.stderr).toContain('slow is being changed by scale slow');

  writeFileSync(app.file('go'), '');
  expect((await first).code).toBe(0);
  await app.forge('stop');
  expect((await run.ended).code).toBe(0);
});

test('a service that does not become ready makes forge wait exit 3', async () => {
  using app = writeApp({ ...slowly, first: '' });
  await using run = start(app);
  await expect.poll(() => existsSync(runFiles.control(app.file('run')))).toBe(true);

  const { code, stdout, stderr } = await app.forge('wait', '--timeout', '100ms');
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('did not become ready');

  await app.forge('stop', '--timeout', '1s');
  expect((await run.ended).code).toBe(0);
  expect(app.remains()).toEqual([]);
});
