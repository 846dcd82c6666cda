import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApp, startApp } from './forge.ts';

const root = join(import.meta.dirname, '../..');

export type CopiedApp = RunningApp & { readonly directory: string };

export type Copy = Disposable & { readonly directory: string };

/** A copy of an app in a folder of its own, where it finds the package as an installed one. */
export const copyApp = (source: string): Copy => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-app-'));
  const isSource = (path: string): boolean => !path.includes('.forge');
  cpSync(join(root, source), directory, { recursive: true, filter: isSource });
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules', 'threadforge'));
  return {
    directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};

/** Starts a copy of an app, so that several tests may run it side by side and change its files. */
export const startCopy = async (
  source: string,
  env: Readonly<Record<string, string>> = {},
  under?: readonly string[],
): Promise<CopiedApp> => {
  const folder = copyApp(source);
  const { directory } = folder;
  const options = { env, ...(under === undefined ? {} : { under }) };
  const app = await startApp(directory, options).catch((error: unknown) => {
    folder[Symbol.dispose]();
    throw error;
  });
  return {
    ...app,
    directory,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
};
