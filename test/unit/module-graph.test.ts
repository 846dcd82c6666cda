import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { affectedBy, builtInto, moduleGraph } from '../../src/supervisor/dev/module-graph.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

const graph = new Map([
  ['gateway', new Set(['/app/gateway.js'])],
  ['orders', new Set(['/app/orders.js', '/app/pricing.js'])],
  ['users', new Set(['/app/users.js', '/app/database.js'])],
]);
const services = [
  { name: 'gateway', dependsOn: ['orders'] },
  { name: 'orders', dependsOn: ['users'] },
  { name: 'users', dependsOn: [] },
];

test.each([
  ['a file of one service', ['/app/gateway.js'], ['gateway']],
  ['a file that it imports', ['/app/pricing.js'], ['orders', 'gateway']],
  [
    'a dependency takes its dependants along, itself first',
    ['/app/users.js'],
    ['users', 'orders', 'gateway'],
  ],
  ['a file of nobody', ['/app/README.md'], []],
])('%s', (_name, files, expected) => {
  expect(affectedBy(new Set(files), graph, services)).toEqual(expected);
});

test('the interceptors that a config names belong to their service', async () => {
  const directory = join(import.meta.dirname, '../fixtures/apps/market');
  const entry = join(directory, 'services/ledger.mjs');
  const interceptors = join(directory, 'stamp.mjs');
  const found = await moduleGraph([{ name: 'ledger', entry, interceptors }], directory);
  const ledger = found.get('ledger');
  expect([entry, interceptors].map((file) => ledger?.has(file))).toEqual([true, true]);
  expect(ledger?.has(join(directory, 'services/market.mjs'))).toBe(false);
});

test('any source may mend a service that cannot be parsed, and nothing else does', async () => {
  using folder = temporaryFolder();
  const entry = join(folder.path, 'a.mjs');
  writeFileSync(entry, "import './missing.mjs';");
  const found = await moduleGraph([{ name: 'a', entry }], folder.path);
  expect(found.get('a')?.has(join(folder.path, 'missing.mjs'))).toBe(true);
  expect(found.get('a')?.has(join(folder.path, 'a.db'))).toBe(false);
});

test('a command is made of the files that it names, and of those of their kind where it runs', async () => {
  const found = await moduleGraph(
    [{ name: 'back', command: "MODE='a.b' python3 server.py --log back.log", cwd: '/app/back' }],
    '/app',
  );
  const back = found.get('back');
  expect(back?.has('/app/back/server.py')).toBe(true);
  expect(back?.has('/app/back/lib/rows.py')).toBe(true);
  expect(back?.has('/app/other/rows.py')).toBe(false);
  expect(back?.has('/app/back/rows.db')).toBe(false);
});

test('what is built is watched only if something is made of it', () => {
  const entries = [{ name: 'a', entry: '/app/src/a.js' }];
  expect(builtInto(entries, 'dist')).toBe(false);
  expect(builtInto([...entries, { name: 'b', entry: '/app/dist/b.js' }], 'dist')).toBe(true);
  const command = { name: 'c', command: 'node ./dist/c.js', cwd: '/app' };
  expect(builtInto([command], 'dist')).toBe(true);
});
