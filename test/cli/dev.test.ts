import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyApp } from '../helpers/app-copy.ts';

const main = join(import.meta.dirname, '../../dist/cli/main.js');

/** `forge dev` on a copy of the hello app, and what it says. */
const startDev = (prepare: (directory: string) => void = () => undefined) => {
  const copy = copyApp('test/fixtures/apps/hello');
  prepare(copy.directory);
  const runDir = join(copy.directory, 'run');
  const child = spawn(process.execPath, [main, 'dev', '--app', copy.directory, '--http', '0'], {
    env: { ...process.env, FORGE_RUN_DIR: runDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const look of waiting) look();
    });
  }
  const says = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = pattern.exec(text)?.[0];
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const exited = new Promise((resolve) => child.once('close', resolve));
  const file = join(copy.directory, 'services/names.mjs');
  return {
    says,
    directory: copy.directory,
    /** As many editors save: a new file under the old name. */
    edit: (change: (code: string) => string) => {
      writeFileSync(`${file}.new`, change(readFileSync(file, 'utf8')));
      renameSync(`${file}.new`, file);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
      copy[Symbol.dispose]();
    },
  };
};

test('a saved file replaces its service; a broken one leaves the last good version', async () => {
  await using dev = startDev();
  const http = /http:\S+\d/.exec(await dev.says(/ready .*watching/))?.[0];
  const greeting = async (): Promise<unknown> => (await fetch(`${http}/hello/1`)).json();

  dev.edit((code) => code.replace('visitor', 'guest'));
  await dev.says(/↻ names \d+ ms/);
  // It depends on names, and comes after it.
  await dev.says(/↻ hello \d+ ms/);
  expect(await greeting()).toMatchObject({ hello: 'guest 1' });

  dev.edit((code) => `${code}\nsyntax error`);
  await dev.says(/✗ names: .*still serving the last good version/);
  expect(await greeting()).toMatchObject({ hello: 'guest 1' });

  dev.edit((code) => code.replace('\nsyntax error', '').replace('guest', 'friend'));
  await dev.says(/↻ names \d+ ms[\s\S]*✗ names[\s\S]*↻ names \d+ ms/);
  expect(await greeting()).toMatchObject({ hello: 'friend 1' });
});

test('a file that a service imports and that is broken is waited for, also from the start on', async () => {
  const inLib = (directory: string): string => join(directory, 'services/lib.mjs');
  await using dev = startDev((directory) => {
    const names = join(directory, 'services/names.mjs');
    const code = readFileSync(names, 'utf8').replace('`visitor', 'word + `');
    writeFileSync(names, `import { word } from './lib.mjs';\n${code}`);
    writeFileSync(inLib(directory), 'export const word = ;');
  });
  const http = /http:\S+\d/.exec(await dev.says(/ready .*watching/))?.[0];
  const greeting = async (): Promise<unknown> => (await fetch(`${http}/hello/1`)).json();
  const save = (code: string): void => writeFileSync(inLib(dev.directory), code);

  save("export const word = 'guest';");
  await expect.poll(greeting).toMatchObject({ hello: 'guest 1' });

  save('export const word = ;');
  await dev.says(/✗ names: .*still serving the last good version/);
  save("export const word = 'friend';");
  await expect.poll(greeting).toMatchObject({ hello: 'friend 1' });
  save("export const word = 'visitor';");
  await expect.poll(greeting).toMatchObject({ hello: 'visitor 1' });
});

test('services are replaced when a file with their variables changes, and not by a broken one', async () => {
  await using dev = startDev((directory) => {
    const names = join(directory, 'services/names.mjs');
    const code = readFileSync(names, 'utf8').replace('`visitor', 'process.env.TITLE + `');
    writeFileSync(names, code);
    writeFileSync(join(directory, '.env'), 'TITLE=guest\n');
  });
  const http = /http:\S+\d/.exec(await dev.says(/ready .*watching/))?.[0];
  const greeting = async (): Promise<unknown> => (await fetch(`${http}/hello/1`)).json();
  expect(await greeting()).toMatchObject({ hello: 'guest 1' });

  writeFileSync(join(dev.directory, '.env'), 'TITLE="friend\n');
  await dev.says(/✗ hello, names: .*line 1 has a quote .*still serving the last good version/);
  expect(await greeting()).toMatchObject({ hello: 'guest 1' });

  writeFileSync(join(dev.directory, '.env'), 'TITLE=friend\n');
  await dev.says(/↻ names \d+ ms/);
  expect(await greeting()).toMatchObject({ hello: 'friend 1' });
});

test('a version that is not ready yet is given up for what is saved next', async () => {
  await using dev = startDev();
  const http = /http:\S+\d/.exec(await dev.says(/ready .*watching/))?.[0];

  dev.edit((code) =>
    code.replace('health()', 'onStart() { return new Promise(() => {}); }\n  health()'),
  );
  await dev.says(/… names is not ready yet \(still serving the last good version\)/);
  dev.edit((code) => code.replace(/onStart.*\n/, '').replace('visitor', 'guest'));

  await dev.says(/↻ names \d+ ms/);
  expect(await (await fetch(`${http}/hello/1`)).json()).toMatchObject({ hello: 'guest 1' });
});

test('what the config says anew is taken up, and a broken one is not', async () => {
  await using dev = startDev((directory) => {
    const names = join(directory, 'services/names.mjs');
    const code = readFileSync(names, 'utf8').replace('`visitor', 'process.env.TITLE + `');
    writeFileSync(names, code);
  });
  const http = /http:\S+\d/.exec(await dev.says(/ready .*watching/))?.[0];
  const config = join(dev.directory, 'forge.config.mjs');
  const good = readFileSync(config, 'utf8');

  writeFileSync(config, `${good}}`);
  await dev.says(/✗ config: .*the one before goes on/);
  writeFileSync(config, good.replace('names: {', "names: {\n env: { TITLE: 'friend' },"));
  await dev.says(/↻ config\n↻ names \d+ ms/);

  expect(await (await fetch(`${http}/hello/1`)).json()).toMatchObject({ hello: 'friend 1' });
});
