import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const source = globSync('src/protocol/*errors.ts', { cwd: root })
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

/** `code` → exit code, as the factories declare them. */
const declared = [...source.matchAll(/code: '([A-Z_]+)',\s*exitCode: (\d)/g)].map(
  ([, code, exit]) => `${code} ${exit}`,
);
const documented = [...page.matchAll(/^## ([A-Z_]+)\n\nExit code (\d)\./gm)].map(
  ([, code, exit]) => `${code} ${exit}`,
);

test('every error a user can see has its entry in docs/errors.md, with its exit code', () => {
  expect(declared.length).toBeGreaterThan(50);
  expect(documented.toSorted()).toEqual(declared.toSorted());
});
