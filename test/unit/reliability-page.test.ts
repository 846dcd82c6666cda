import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reliabilityPage } from '../../tools/reliability-page.ts';

test('docs/reliability.md is what the table of faults says; `npm run docs` writes it anew', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reliability.md'), 'utf8');
  expect(page).toBe(reliabilityPage());
});
