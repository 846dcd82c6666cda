import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { nextSupervisor } from '../helpers/status.ts';

/** It says that it starts, and is never ready. */
const hanging = `async onStart() {
    (await import('node:fs')).writeFileSync('starts', '');
    return new Promise(() => {});
  }
  health()`;

test('who waits for an action whose supervisor dies is told where to see what came of it', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const names = join(app.directory, 'services/names.mjs');
  const good = readFileSync(names, 'utf8');
  writeFileSync(names, good.replace('health()', hanging));
  const reloaded = app.forge('reload', 'names');
  await expect.poll(() => existsSync(join(app.directory, 'starts'))).toBe(true);
  writeFileSync(names, good);
  process.kill(app.pid, 'SIGKILL');

  expect(await reloaded).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/^forge: The supervisor ended before .*\n.*forge actions/),
  });
  await nextSupervisor(app, app.pid);
});
