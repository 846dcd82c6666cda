import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { forge, processesIn, type Ran } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { talkFolder } from '../helpers/talk.ts';
import { writeApp } from '../helpers/written-app.ts';

const findingsIn = ({ stdout }: Ran): readonly Finding[] =>
  (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;

const oneOf = (ran: Ran, check: string): Finding | undefined =>
  findingsIn(ran).find((finding) => finding.check === check);

const config = (port: number): string =>
  `export default { http: { port: ${port} }, services: { quiet: { entry: './services/quiet.mjs' } } };`;

test('a healthy app has nothing wrong, and exit code 0', async () => {
  using app = writeApp({ 'forge.config.mjs': config(await freePort()) });
  const { stdout, code } = await app.forge('doctor');
  expect([code, stdout.split('\n').at(-2)]).toEqual([0, 'nothing is wrong']);
  expect(stdout).toMatch(/^ok {5}port {11}\d+ \(http\.port\) is free$/m);
});

test('a port that is taken is named with its owner, its setting and exit code 1', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, () => resolve((server.address() as { port: number }).port));
  });
  using app = writeApp({ 'forge.config.mjs': config(port) });
  const ran = await app.forge('doctor', '--json');
  server.close();
  expect(ran.code).toBe(1);
  const found = oneOf(ran, 'port');
  expect(found?.found).toContain(`Port ${port} (http.port) is taken by`);
  expect(found?.found).toContain(`(pid ${process.pid})`);
  expect(found?.fix).toContain('`http.port`');
});

test('a low limit of open files is said, with what raises it', async () => {
  using app = writeApp({ 'forge.config.mjs': config(await freePort()) });
  const ran = await forge(['doctor', '--json', '--app', app.directory], {
    env: app.env,
    under: ['prlimit', '--nofile=512:512'],
  });
  expect(oneOf(ran, 'open files')).toMatchObject({ found: 'a process may open 512' });
  expect(oneOf(ran, 'open files')?.fix).toContain('LimitNOFILE');
});

test('a config that cannot be read is a finding with the remedy of its error', async () => {
  using app = writeApp({ 'forge.config.mjs': 'export default { servises: {} };' });
  const ran = await app.forge('doctor', '--json');
  expect([ran.code, oneOf(ran, 'config')?.found]).toEqual([1, expect.stringContaining('servises')]);
});

test('outside of an app the machine is looked at', async () => {
  using app = writeApp({});
  const { stdout, code } = await forge(['doctor'], { cwd: app.directory, env: app.env });
  expect(code).toBe(0);
  expect(stdout).toContain('`forge init` writes one');
  expect((await app.forge('doctor')).code).toBe(1);
});

test('a running app, its ports and its version are right; what a crash left is told', async () => {
  using folder = talkFolder();
  const file = join(folder.directory, 'forge.config.mjs');
  const admin = await freePort();
  const http = `http: { port: 0, admin: { port: ${admin} } }`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('http: { port: 0 }', http));
  await using app = await folder.start();
  const healthy = await app.forge('doctor', '--json');
  expect(oneOf(healthy, 'run directory')?.found).toContain(`supervisor ${app.pid} answers`);
  expect(oneOf(healthy, 'version')?.found).toContain('this command are both');
  expect(oneOf(healthy, 'port')?.found).toBe(`${admin} (http.admin.port) is open for this app`);
  expect(healthy.code).toBe(0);

  const runDir = app.env['FORGE_RUN_DIR'] ?? '';
  chmodSync(runDir, 0o755);
  expect(oneOf(await app.forge('doctor', '--json'), 'run directory')?.fix).toContain('chmod 700');
  chmodSync(runDir, 0o700);

  for (const pid of processesIn(runDir)) process.kill(pid, 'SIGSTOP');
  for (const pid of processesIn(runDir)) process.kill(pid, 'SIGKILL');
  await app.exited;
  const left = await app.forge('doctor', '--json');
  expect(left.code).toBe(1);
  expect(oneOf(left, 'run directory')?.found).toMatch(/\d+ sockets of a run whose supervisor/);
});

test('a service that has failed is told with why, where it stands, and what to do', async () => {
  const files = { 'services/quiet.mjs': 'export const a = 1;\nconst b = = 2;\n' };
  using app = writeApp({ ...files, 'forge.config.mjs': config(0) });
  const started = await app.forge('start', '--daemon');
  expect(started.stdout).toContain('failed: quiet');
  expect(started.stderr).toMatch(
    /^quiet has failed: exit code 1: SyntaxError.*\n {2}→ See `forge logs quiet`/,
  );

  const ran = await app.forge('doctor', '--json');
  const [count, failed] = findingsIn(ran).filter(({ check }) => check === 'services');
  expect([ran.code, count]).toEqual([1, { check: 'services', found: '0 of 1 are ready' }]);
  expect(failed?.found).toContain(
    `quiet has failed: exit code 1: SyntaxError: Unexpected token '=' (${app.file('services/quiet.mjs')}:2)`,
  );
  expect(failed?.fix).toContain('forge logs quiet');

  const mended = "import { Service } from 'threadforge'; export default class extends Service {}";
  writeFileSync(app.file('services/quiet.mjs'), mended);
  expect((await app.forge('restart', 'quiet')).code).toBe(0);
  expect((await app.forge('doctor')).code).toBe(0);
  await app.forge('stop');
  await expect.poll(app.remains).toEqual([]);
});
