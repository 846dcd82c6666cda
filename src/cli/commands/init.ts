import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';

export const initCommand = (io: Io): Command =>
  new Command('init')
    .description('Write a small app that works: a config, two services, a package.json')
    .argument('[dir]', 'the folder, which may have other files (default: this one)')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (dir: string | undefined, { json }: { readonly json?: boolean }) => {
      const { firstApp } = await import('../first-app/first-app.ts');
      const { writeFirstApp } = await import('../first-app/write.ts');
      const folder = resolve(dir ?? '.');
      const files = writeFirstApp(folder, firstApp(folder));
      if (json === true) {
        printJson(io, { version: 1, folder, files });
        return;
      }
      const at = relative('.', folder);
      const install = isInstalled(folder) ? '' : 'npm install && ';
      io.out(files.map((file) => `${at === '' ? '' : `${at}/`}${file}\n`).join(''));
      io.err(
        `next: ${at === '' ? '' : `cd ${at} && `}${install}npx forge dev\nthen: curl localhost:3000/hello/Ada\n`,
      );
    });

/** Whether what is written finds it, in this folder or above. */
const isInstalled = (folder: string): boolean => {
  try {
    createRequire(join(folder, 'forge.config.mjs')).resolve('threadforge');
    return true;
  } catch {
    return false;
  }
};
