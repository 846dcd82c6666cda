import { expect, test } from 'vitest';
import { titleOf } from '../../src/sdk/channel/title.ts';

test.each([
  ['forge: shop supervisor', { app: 'shop', who: 'supervisor' }],
  ['forge: shop cpu#2', { app: 'shop', who: '_isolated:cpu#2', services: ['cpu'] }],
  [
    'forge: shop main#1 (users, orders)',
    { app: 'shop', who: 'main#1', services: ['users', 'orders'] },
  ],
])('ps shows %s', (title, titled) => {
  expect(titleOf(titled)).toBe(title);
});
