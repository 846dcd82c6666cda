import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exitOf, launch, processesIn } from '../helpers/forge.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

/** An app that says that it starts, and is never ready; ends what a failure leaves of it. */
const slowApp = (): WrittenApp => {
  const app = writeApp({
    'forge.config.mjs':
      "export default { services: { slow: { entry: './services/slow.mjs', timeouts: { stop: '1 s' } } } };",
    'services/slow.mjs': `import { writeFileSync } from 'node:fs';
import { Service } from 'threadforge';
export default class Slow extends Service {
  onStart() {
    writeFileSync(new URL('../starts', import.meta.url), '');
    return new Promise(() => {});
  }
}`,
  });
  return {
    ...app,
    [Symbol.dispose]: () => {
      for (const pid of processesIn(app.file('run'))) process.kill(pid, 'SIGKILL');
      app[Symbol.dispose]();
    },
  };
};

/** `forge start --daemon`, as far as it gets. */
const startSlowly = async (app: WrittenApp) => {
  const child = launch(['start', '--daemon', '--app', app.directory], app);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const exited = exitOf(child);
  await expect.poll(() => existsSync(app.file('starts'))).toBe(true);
  return { child, ended: async () => [await exited, stderr] as const };
};

test('Ctrl-C while a daemon is not ready yet stops the app, and it is said', async () => {
  using app = slowApp();
  const { child, ended } = await startSlowly(app);
  child.kill('SIGINT');
  expect(await ended()).toEqual([130, 'stopped before it was ready\n']);
  expect(app.remains()).toEqual([]);
});

test('who waits for a daemon is told when somebody else stops it', async () => {
  using app = slowApp();
  const { ended } = await startSlowly(app);
  expect((await app.forge('stop')).code).toBe(0);
  expect(await ended()).toEqual([3, expect.stringContaining('was stopped before it was ready')]);
});
