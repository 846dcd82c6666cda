import { expect, test } from 'vitest';
import { exitOf, launch } from '../helpers/forge.ts';
import { writeApp } from '../helpers/written-app.ts';

test('a start that waits for an app that is stopping says so, and ends at once when it is told to', async () => {
  using app = writeApp({
    'forge.config.mjs':
      "export default { services: { slow: { entry: './slow.mjs', timeouts: { stop: '20 s' } } } };",
    'slow.mjs': `import { Service } from 'threadforge';
export default class Slow extends Service { onStop() { return new Promise(() => {}); } }`,
  });
  const start = () => launch(['start', '--headless', '--app', app.directory], app);
  const first = start();
  await expect.poll(() => app.forge('status').then(({ code }) => code), polling).toBe(0);
  await app.forge('wait');
  const stopped = exitOf(first);
  first.kill('SIGTERM');

  const second = start();
  let stderr = '';
  second.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const exited = exitOf(second);
  const line = `waits for the app that is stopping or starting (pid ${first.pid})\n`;
  await expect.poll(() => stderr, polling).toBe(line);
  second.kill('SIGINT');
  expect(await exited).toBe(130);
  expect(first.exitCode).toBeNull();
  first.kill('SIGTERM');
  await stopped;
  expect(app.remains()).toEqual([]);
});

const polling = { timeout: 15_000 };
