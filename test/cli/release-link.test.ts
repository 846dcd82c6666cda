import { renameSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startApp } from '../helpers/forge.ts';
import { writeApp } from '../helpers/written-app.ts';

const web = `import { Service } from 'threadforge';
import { release } from './release.mjs';
export default class Web extends Service {
  static contract = { routes: [{ method: 'GET', path: '/', handler: 'release' }] };
  release() { return release; }
}`;

const releaseOf = (name: string): Readonly<Record<string, string>> => ({
  [`releases/${name}/web.mjs`]: web,
  [`releases/${name}/release.mjs`]: `export const release = '${name}';\n`,
});

test('a reload starts the release that a link names, and a rollback goes back to the one before', async () => {
  using files = writeApp({
    'forge.config.mjs': "export default { services: { web: { entry: './current/web.mjs' } } };",
    ...releaseOf('first'),
    ...releaseOf('second'),
  });
  symlinkSync('releases/first', files.file('current'));
  await using app = await startApp(files.directory);
  const served = async (): Promise<unknown> => (await fetch(app.http)).json();
  expect(await served()).toBe('first');

  symlinkSync('releases/second', files.file('next'));
  renameSync(files.file('next'), files.file('current'));
  expect((await app.forge('reload')).code).toBe(0);
  expect(await served()).toBe('second');

  expect((await app.forge('rollback', 'web')).code).toBe(0);
  expect(await served()).toBe('first');
});
