import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { watchFiles } from '../../src/supervisor/dev/file-watch.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

test('every way to save a file is seen, again and again, and what is built is not', async () => {
  using folder = temporaryFolder();
  const file = (name: string): string => join(folder.path, name);
  for (const name of ['services', 'node_modules', 'dist']) mkdirSync(file(name));
  writeFileSync(file('services/users.ts'), '');
  const seen = new Set<string>();
  const failures: unknown[] = [];
  using _watch = await watchFiles(folder.path, {
    changed: (files) => {
      for (const one of files) seen.add(one);
    },
    failed: (error) => failures.push(error),
  });
  const sees = async (name: string, change: () => void): Promise<void> => {
    seen.clear();
    change();
    await expect.poll(() => [...seen], { timeout: 10_000 }).toContain(file(name));
  };
  const replace = (): void => {
    writeFileSync(file('services/.users.tmp'), 'new');
    renameSync(file('services/.users.tmp'), file('services/users.ts'));
  };

  await sees('services/users.ts', replace);
  await sees('services/users.ts', replace);
  await sees('services/users.ts', () => writeFileSync(file('services/users.ts'), 'in place'));
  await sees('deep/er', () => mkdirSync(file('deep/er'), { recursive: true }));
  await sees('deep/er/new.ts', () => writeFileSync(file('deep/er/new.ts'), ''));
  await sees('deep/er/new.ts', () => rmSync(file('deep/er/new.ts')));
  writeFileSync(file('node_modules/one.js'), '');
  writeFileSync(file('dist/two.js'), '');
  await sees('services/users.ts', replace);
  expect([...seen].filter((one) => /node_modules|dist/.test(one))).toEqual([]);
  expect(failures).toEqual([]);
});

test('a file elsewhere that is named is watched as well, and what lies beside it is not', async () => {
  using folder = temporaryFolder();
  using elsewhere = temporaryFolder();
  const file = join(elsewhere.path, 'shared.env');
  writeFileSync(file, 'A=1');
  const seen = new Set<string>();
  using _watch = await watchFiles(folder.path, {
    changed: (files) => {
      for (const one of files) seen.add(one);
    },
    failed: (error) => expect(error).toBeUndefined(),
    also: [file],
  });
  writeFileSync(join(elsewhere.path, 'other'), '');
  writeFileSync(file, 'A=2');
  await expect.poll(() => [...seen], { timeout: 10_000 }).toEqual([file]);
  writeFileSync(`${file}.new`, 'A=3');
  seen.clear();
  renameSync(`${file}.new`, file);
  await expect.poll(() => [...seen], { timeout: 10_000 }).toEqual([file]);
});
