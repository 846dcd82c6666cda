import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { copyApp } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { answers, forge, main } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { pidsOf } from '../helpers/status.ts';
import { bootSystemd } from '../helpers/systemd.ts';

const name = 'forge-hello.service';

test('under systemd the unit starts the app, survives its supervisor, is upgraded and stops', async () => {
  using app = copyApp('test/fixtures/apps/hello');
  const file = join(app.directory, 'forge.config.mjs');
  const port = await freePort();
  const config = readFileSync(file, 'utf8').replace('http: { port: 0 }', `http: { port: ${port} }`);
  // Whether workers start a supervisor is not for this app to say, but for its surroundings.
  writeFileSync(file, config.replace(/ {2}supervisor: \{.*?\n {2}\},\n/s, ''));
  const unit = (await forge(['startup', '--app', app.directory])).stdout;
  mkdirSync(join(app.directory, '.forge'));
  await using systemd = await bootSystemd(name, unit);
  const status = async (): Promise<Status> => {
    const command = [process.execPath, main, 'status', '--json', '--app', app.directory];
    return JSON.parse((await systemd.run(...command)).output);
  };

  expect(await systemd.run('systemctl', 'start', name)).toEqual({ code: 0, output: '' });
  expect(await systemd.property(name, 'StatusText')).toBe('2 of 2 services ready');
  await answers(`http://127.0.0.1:${port}/hello/1`);
  const before = await status();
  const asking = keepAsking(`http://127.0.0.1:${port}/hello`);

  await systemd.run('systemctl', 'kill', '--kill-who=main', '-s', 'KILL', name);
  await expect.poll(() => systemd.property(name, 'NRestarts')).toBe('1');
  await expect.poll(() => systemd.property(name, 'ActiveState')).toBe('active');
  const restarted = await status();
  expect(restarted.supervisor.pid).not.toBe(before.supervisor.pid);
  expect(restarted.supervisor.adoptedWorkers).toBe(5);
  expect(pidsOf(restarted)).toEqual(pidsOf(before));

  const upgrade = [process.execPath, main, 'upgrade', '--app', app.directory];
  expect(await systemd.run(...upgrade)).toMatchObject({ code: 0 });
  const upgraded = await status();
  expect(upgraded.supervisor.pid).not.toBe(restarted.supervisor.pid);
  expect(await systemd.property(name, 'NRestarts')).toBe('1');
  expect(await systemd.property(name, 'MainPID')).toBe(String(upgraded.supervisor.pid));
  expect(pidsOf(upgraded)).toEqual(pidsOf(before));

  await asking.reach(100);
  expect((await asking.stop()).failures).toEqual([]);
  expect(await systemd.run('systemctl', 'stop', name)).toEqual({ code: 0, output: '' });
  expect(await systemd.property(name, 'Result')).toBe('success');
  const left = await systemd.run('sh', '-c', 'cat /proc/[0-9]*/cmdline');
  expect(left.output).toContain('systemd');
  expect(left.output).not.toMatch(/worker\/main|forge: /);
});
