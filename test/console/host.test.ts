import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { forge, main } from '../helpers/forge.ts';
import { startSshServer } from '../helpers/ssh.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { calm, plan, rush, scaled } from './shop.ts';

const size = { columns: 120, rows: 36 };
const everything = { snapshot: rush, plan, action: scaled };
const bridges = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('forge-host-'));

test('an app on another machine is watched and acted on through ssh, also after a break', async () => {
  await using supervisor = await serveFixed(everything);
  await using ssh = await startSshServer();
  const args = ['top', '--host', ssh.host, '--socket', supervisor.socketPath, '--every', '200'];
  await using top = openTerminal(args, { ...size, env: { ...ssh.env, NO_COLOR: '1' } });
  await top.shows('612ms');
  top.type('!a');
  await top.shows('PLAN  Scale orders from 1 to 2 workers');
  top.type('y');
  await top.shows('done: scale orders to 2');
  await supervisor.close();
  await top.shows('no supervisor answers');
  await supervisor.open();
  await top.shows('● LIVE');
  top.type('q');
  expect(await top.exited).toBe(0);
  expect(bridges()).toEqual([]);
});

test('what hinders the way to another machine is an error that says what to do', async () => {
  await using ssh = await startSshServer();
  const once = (host: string, env: Readonly<Record<string, string>> = ssh.env) =>
    forge(['top', '--once', '--host', host, '--socket', '/nowhere/control.sock'], { env });
  expect(await once(ssh.host)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining('On near: No supervisor answers on /nowhere/control.sock'),
  });
  expect(await once(ssh.bare)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no forge on bare'),
  });
  expect(await once('127.0.0.1 -p 1')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('ssh does not get to 127.0.0.1 -p 1'),
  });
  expect(await once(ssh.host, { PATH: '/nowhere' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no ssh on this machine'),
  });
  expect(bridges()).toEqual([]);
});

test('an older forge on the other machine is told apart from none', async () => {
  await using ssh = await startSshServer({
    forge: `echo "error: unknown command 'relay'" >&2; exit 2`,
  });
  const { code, stderr } = await forge(['top', '--once', '--host', ssh.host], { env: ssh.env });
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('too old to be watched from elsewhere'),
  });
});

test('an open console goes to an app on another machine, and says what hinders it', async () => {
  await using here = await serveFixed({ snapshot: calm });
  await using app = await startCopy('test/fixtures/apps/naps');
  await using ssh = await startSshServer({
    forge: `FORGE_RUN_DIR=${app.env['FORGE_RUN_DIR']} exec ${process.execPath} ${main} "$@"`,
  });
  const home = mkdtempSync(join(tmpdir(), 'forge-home-'));
  mkdirSync(join(home, 'forge'));
  const contexts = {
    there: { host: ssh.host, app: app.directory },
    nowhere: { host: ssh.bare },
  };
  writeFileSync(join(home, 'forge/console.json'), JSON.stringify({ contexts }));
  const env = { ...ssh.env, NO_COLOR: '1', XDG_CONFIG_HOME: home };
  await using top = openTerminal(['top', '--socket', here.socketPath], { ...size, env });
  await top.shows('no service is under pressure');
  top.type('c3');
  await top.shows('There is no forge on bare');
  top.type('c2');
  await top.shows(/ThreadForge naps/);
  await top.shows(/^.. bed /);
  top.type('q');
  expect(await top.exited).toBe(0);
  expect(bridges()).toEqual([]);
  rmSync(home, { recursive: true });
});
