import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { forge, startApp } from '../helpers/forge.ts';

const root = join(import.meta.dirname, '../..');

const emptyFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'forge-init-'));
  return {
    folder,
    file: (name: string) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};

test('what is written starts and answers', async () => {
  using place = emptyFolder();
  const app = place.file('My Shop');
  const { code, stdout, stderr } = await forge(['init', app]);
  expect([code, stdout.split('\n').map((line) => basename(line))]).toEqual([
    0,
    ['forge.config.mjs', 'web.mjs', 'greeter.mjs', 'package.json', ''],
  ]);
  expect(stderr).toContain('npm install');
  // As npm would put it there.
  mkdirSync(join(app, 'node_modules'));
  symlinkSync(root, join(app, 'node_modules/threadforge'));
  await using running = await startApp(app);
  expect(running.ready).toMatch(/^ready my-shop 2 services/);
  const answer = await fetch(`${running.http}/hello/Ada`);
  expect(await answer.json()).toEqual({ text: 'Hello Ada' });
  // Git is to keep the app, and not what its runs leave.
  expect(readFileSync(join(app, '.forge/.gitignore'), 'utf8')).toBe('*\n');
});

test('who has ThreadForge already is not told to install it', async () => {
  using place = emptyFolder();
  mkdirSync(place.file('node_modules'));
  symlinkSync(root, place.file('node_modules/threadforge'));
  const { stderr } = await forge(['init', 'shop'], { cwd: place.folder });
  expect(stderr).toContain('next: cd shop && npx forge dev\n');
});

test('the package.json of the folder stays as it is', async () => {
  using place = emptyFolder();
  writeFileSync(place.file('package.json'), '{ "name": "mine" }');
  const { stdout } = await forge(['init', '--json'], { cwd: place.folder });
  expect((JSON.parse(stdout) as { files: string[] }).files).not.toContain('package.json');
  expect(readFileSync(place.file('package.json'), 'utf8')).toBe('{ "name": "mine" }');
});

test.each(['forge.config.mjs', 'forge.config.ts', 'services/greeter.mjs'])(
  'nothing is written when there is a %s already',
  async (name) => {
    using place = emptyFolder();
    mkdirSync(place.file('services'));
    writeFileSync(place.file(name), 'mine');
    const { code, stderr, stdout } = await forge(['init', place.folder]);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain(place.file(name));
    expect(readFileSync(place.file(name), 'utf8')).toBe('mine');
    expect(existsSync(place.file('package.json'))).toBe(false);
    const left = readdirSync(place.folder, { recursive: true, encoding: 'utf8' });
    expect(left.toSorted()).toEqual(['services', name].toSorted());
  },
);
