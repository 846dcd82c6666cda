import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyApp } from '../helpers/app-copy.ts';
import { forge } from '../helpers/forge.ts';

const source = 'test/fixtures/apps/drains';

test('startup prints a unit that starts this very app', async () => {
  using app = copyApp(source);
  const { code, stdout, stderr } = await forge(['startup', '--app', app.directory]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`"start" "--headless" "--config" "${app.directory}/forge.config.mjs"`);
  expect(stdout).toContain(`ExecStart=:"${process.execPath}"`);
  expect(stdout).toContain('TimeoutStopSec=90');
  expect(existsSync(join(app.directory, '.forge'))).toBe(false);
});

test('startup --install writes it, again if nobody edited it, and says how to activate it', async () => {
  using app = copyApp(source);
  const env = { XDG_CONFIG_HOME: join(app.directory, 'config') };
  const install = ['startup', '--user', '--install', '--app', app.directory];
  const file = join(env.XDG_CONFIG_HOME, 'systemd/user/forge-drains.service');

  const first = await forge(install, { env });
  expect(first.code).toBe(0);
  expect(first.stdout).toBe(
    'systemctl --user daemon-reload\nsystemctl --user enable --now forge-drains.service\n',
  );
  const unit = readFileSync(file, 'utf8');
  expect(unit).toContain('WantedBy=default.target');
  expect(existsSync(join(app.directory, '.forge'))).toBe(true);
  expect((await forge(install, { env })).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(unit);

  appendFileSync(file, 'Nice=5\n');
  const refused = await forge(install, { env });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('it was edited');
  expect(readFileSync(file, 'utf8')).toBe(`${unit}Nice=5\n`);
});
