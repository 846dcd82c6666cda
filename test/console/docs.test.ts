import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keysPage } from '../../tools/keys-page.ts';

test('docs/keys.md is what the table of keys says; `npm run docs` writes it anew', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/keys.md'), 'utf8');
  expect(page).toBe(keysPage());
});
