import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { forge, processesIn, type Ran } from './forge.ts';

const root = join(import.meta.dirname, '../..');

export type WrittenApp = Disposable & {
  readonly directory: string;
  /** The name that it has without one in its config. */
  readonly name: string;
  readonly file: (name: string) => string;
  readonly forge: (...args: readonly string[]) => Promise<Ran>;
  readonly env: Readonly<Record<string, string>>;
  /** What a run that was refused must not leave: its processes, and what is in its run directory. */
  readonly remains: () => readonly (string | number)[];
};

/** An app of a few lines, written into a folder of its own; `services/quiet.mjs` is always there. */
export const writeApp = (files: Readonly<Record<string, string>>): WrittenApp => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-written-'));
  const runDir = join(directory, 'run');
  const env = { FORGE_RUN_DIR: runDir };
  const file = (name: string): string => join(directory, name);
  for (const [name, text] of Object.entries({ ...always, ...files })) {
    mkdirSync(dirname(file(name)), { recursive: true });
    writeFileSync(file(name), text);
  }
  mkdirSync(file('node_modules'));
  symlinkSync(root, file('node_modules/threadforge'));
  return {
    directory,
    name: basename(directory),
    file,
    env,
    forge: (...args) => forge([...args, '--app', directory], { env }),
    remains: () => [...processesIn(runDir), ...(existsSync(runDir) ? readdirSync(runDir) : [])],
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};

const always = {
  'package.json': '{ "type": "module" }',
  'services/quiet.mjs':
    "import { Service } from 'threadforge';\nexport default class Quiet extends Service {}\n",
};
