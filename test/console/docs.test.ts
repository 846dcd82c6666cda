import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keysPage } from '../../tools/keys-page.ts';

const docs = join(import.meta.dirname, '../../docs');

test('docs/keys.md is what the table of keys says; `npm run docs` writes it anew', () => {
  const page = readFileSync(join(docs, 'keys.md'), 'utf8');
  expect(page).toBe(keysPage());
});

test('the page of the console links every picture of it, and none that is not there', () => {
  const page = readFileSync(join(docs, 'console.md'), 'utf8');
  const linked = new Set([...page.matchAll(/\(console\/([\w-]+\.png)\)/g)].map(([, file]) => file));
  expect([...linked].toSorted()).toEqual(readdirSync(join(docs, 'console')).toSorted());
});

test('no picture of the console is large', () => {
  for (const file of readdirSync(join(docs, 'console'))) {
    expect(statSync(join(docs, 'console', file)).size, file).toBeLessThan(100_000);
  }
});
