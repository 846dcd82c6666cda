import { join } from 'node:path';
import { expect, test } from 'vitest';
import { affectedBy, moduleGraph } from '../../src/supervisor/dev/module-graph.ts';

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
  expect([...(found.get('ledger') ?? [])].toSorted()).toEqual([entry, interceptors]);
});
