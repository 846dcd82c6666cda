import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyApp } from '../helpers/app-copy.ts';
import { forge, makeRunDir } from '../helpers/forge.ts';

test('an app is not started where nothing can be kept, and it is said why', async () => {
  using copy = copyApp('test/fixtures/apps/hello');
  using run = makeRunDir();
  const folder = join(copy.directory, '.forge');
  // Root may write into any folder, but not into a file as if it were one.
  writeFileSync(folder, '');

  const ran = await forge(['start', '--headless', '--app', copy.directory, '--http', '0'], run);

  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(
    new RegExp(`Nothing can be written into ${folder}: EEXIST.*\\n.*→ Give the user`),
  );
  expect(run.processes()).toEqual([]);
});
