import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/supervisor/config/load-config.ts';

test.each([
  ['a package that is not there', "import 'nope';", '`npm install`'],
  ['a file that is not there', "import './nope.mjs';", 'Correct the path'],
])('of a config that imports %s it is said what to do', async (_what, source, remedy) => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-config-'));
  writeFileSync(join(directory, 'forge.config.mjs'), source);
  await expect(loadConfig({ directory })).rejects.toMatchObject({
    code: 'CONFIG_NOT_LOADED',
    message: expect.stringContaining('Cannot find'),
    remedy: expect.stringContaining(remedy),
  });
  rmSync(directory, { recursive: true });
});
