import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyApp } from '../helpers/app-copy.ts';
import { forge, makeRunDir } from '../helpers/forge.ts';

test.each(['--headless', '--daemon'])(
  'an app is not started %s where nothing can be kept, and it is said why',
  async (how) => {
    using copy = copyApp('test/fixtures/apps/hello');
    using run = makeRunDir();
    const folder = join(copy.directory, '.forge');
    // Root may write into any folder, but not into a file as if it were one.
    writeFileSync(folder, '');

    const ran = await forge(['start', how, '--app', copy.directory, '--http', '0'], run);

    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(
      new RegExp(`Nothing can be written into ${folder}: EEXIST.*\\n.*→ Give the user`),
    );
    expect(run.processes()).toEqual([]);

    const doctor = await forge(['doctor', '--app', copy.directory], run);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain(`Nothing can be written into ${folder}`);
  },
);
