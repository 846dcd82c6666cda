import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { pidsOf, statusOf } from '../helpers/status.ts';

const source = 'test/fixtures/apps/hello';

test('what operators changed is shown as a difference, and adopted into the config file', async () => {
  await using app = await startCopy(source);
  expect((await app.forge('scale', 'names', '3')).code).toBe(0);
  expect((await app.forge('colocate', 'hello', 'names')).code).toBe(0);

  const { stdout } = await app.forge('config', 'diff', '--json');
  const { differences } = JSON.parse(stdout);
  expect(differences).toEqual([
    { service: 'hello', key: 'group', from: '_isolated:hello', to: 'hello-names' },
    { service: 'hello', key: 'workers', from: 2, to: 3 },
    { service: 'names', key: 'group', from: '_isolated:names', to: 'hello-names' },
    { service: 'names', key: 'workers', from: 2, to: 3 },
  ]);

  const before = await statusOf(app);
  expect((await app.forge('config', 'adopt')).code).toBe(0);
  const file = readFileSync(join(app.directory, 'forge.config.mjs'), 'utf8');
  expect(file).toMatch(/hello: \{[^}]*group: ['"]hello-names['"]/);
  expect(file).toContain('process.env.START_LIMIT');
  expect(file).toMatch(/[^\n]\n$/);
  expect((await app.forge('config', 'diff')).stdout).toBe('what runs is what the config says\n');
  expect(pidsOf(await statusOf(app))).toEqual(pidsOf(before));
});

test('each setting is told with its value and where that comes from', async () => {
  await using app = await startCopy(source);
  await app.forge('scale', 'names', '1');

  const { stdout } = await app.forge('config', '--why', 'names', '--json');
  const { settings } = JSON.parse(stdout) as {
    settings: readonly { readonly key: string; readonly value: unknown; readonly from: string }[];
  };
  const found = Object.fromEntries(settings.map(({ key, value, from }) => [key, [value, from]]));
  expect(found['names.workers.initial']).toEqual([1, 'operator']);
  expect(found['names.health.replaceAfter']).toEqual([1_500, 'config']);
  expect(found['names.timeouts.stop']).toEqual([10_000, 'default']);

  const { code, stderr } = await app.forge('config', '--why', 'nmes');
  expect(code).toBe(2);
  expect(stderr).toContain('There is no setting nmes');
});
