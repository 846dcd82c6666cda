import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { appFiles } from '../../src/protocol/app-files.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { processesWith } from '../helpers/marked-processes.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

const source = 'test/fixtures/apps/hello';

/** Of the app's processes, those that keep compiled modules there. */
const keepingIn = (app: CopiedApp, folder: string): readonly number[] => {
  const all = new Set(app.processes());
  return processesWith(`NODE_COMPILE_CACHE=${folder}\0`).filter((pid) => all.has(pid));
};

test('an app keeps its compiled modules in its own folder', async () => {
  vi.stubEnv('NODE_COMPILE_CACHE', undefined);
  await using app = await startCopy(source);
  vi.unstubAllEnvs();
  const own = appFiles.compiled(app.directory);

  expect(existsSync(own)).toBe(true);
  const others = app.processes().filter((pid) => pid !== app.pid);
  expect(keepingIn(app, own).toSorted()).toEqual(others.toSorted());
});

test('a folder for compiled modules that somebody chose holds for all processes of the app', async () => {
  using chosen = temporaryFolder();
  await using app = await startCopy(source, { NODE_COMPILE_CACHE: chosen.path });

  expect(keepingIn(app, chosen.path).toSorted()).toEqual(app.processes().toSorted());
  expect(existsSync(appFiles.compiled(app.directory))).toBe(false);
});
