import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configInvalid, configNotFound, configNotLoaded } from '../../protocol/config-errors.ts';
import { hasEntry, isCommand, type Variables } from '../../protocol/topology.ts';
import { seconds } from '../../protocol/units.ts';
import { readBudget } from '../host/budget.ts';
import { lastWords } from '../process/exit-reason.ts';
import { runNode } from '../process/run-node.ts';
import type { AppConfig } from './app-config.ts';
import { readAppEnv, readEnvFile } from './env-files.ts';
import { parseConfig } from './parse/parse-config.ts';

const fileNames = ['ts', 'mjs', 'js', 'json'].map((extension) => `forge.config.${extension}`);
const child = fileURLToPath(new URL(`./config-child${extname(import.meta.url)}`, import.meta.url));
const limit = seconds(5);

/** The config file of a folder. */
export const findConfig = (directory: string): string => {
  const name = fileNames.find((candidate) => existsSync(join(directory, candidate)));
  if (name === undefined) throw configNotFound(directory);
  return join(directory, name);
};

/** Loads and checks the config of an app, given by its folder or by its config file. */
export const loadConfig = async (from: {
  readonly directory?: string;
  readonly file?: string;
}): Promise<AppConfig> => {
  const file = from.file ? resolve(from.file) : findConfig(resolve(from.directory ?? '.'));
  if (!existsSync(file)) throw configNotLoaded(file, 'it does not exist');
  const directory = dirname(file);
  const env = readAppEnv(directory);
  const raw = await readExport(file, env.variables);
  const config = parseConfig(raw, {
    file,
    directory,
    env: { app: env, read: readEnvFile },
    budget: readBudget(),
    exists: existsSync,
    // systemd tells this to no other process than the one that it restarts.
    managed: process.env['NOTIFY_SOCKET'] !== undefined,
  });
  checkPlaces(config);
  if (config.http.tls !== undefined) {
    const { checkCertificates } = await import('./check-certificates.ts');
    checkCertificates(config);
  }
  return config;
};

const checkPlaces = ({ file, services }: AppConfig): void => {
  const misplaced = services.filter(isCommand).find(({ cwd }) => !statSync(cwd).isDirectory());
  if (misplaced !== undefined) {
    throw configInvalid({
      file,
      key: `services.${misplaced.name}.cwd`,
      problem: `names ${misplaced.cwd}, which is no folder`,
      fix: 'Name the folder in which the command is to run.',
    });
  }
  const folder = services.filter(hasEntry).find(({ entry }) => !statSync(entry).isFile());
  if (folder === undefined) return;
  throw configInvalid({
    file,
    key: `services.${folder.name}.entry`,
    problem: `names ${folder.entry}, which is no file`,
    fix: 'Name the module in it, such as index.js.',
  });
};

/** What a config file exports, unchecked; `env` is what the files beside it say. */
export const readExport = async (file: string, env: Variables): Promise<unknown> =>
  file.endsWith('.json') ? readJson(file) : runProgram(file, env);

const readJson = (file: string): unknown => {
  try {
    // Editors on Windows put a mark before the text.
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw configNotLoaded(file, error instanceof Error ? error.message : String(error));
  }
};

/** In a process of its own: it may hang, print or exit. */
const runProgram = async (file: string, env: Variables): Promise<unknown> => {
  const run = await runNode([child, file], {
    cwd: dirname(file),
    env: { ...env, ...process.env },
    timeoutMs: limit,
  });
  if (run.timedOut) throw configNotLoaded(file, `it was not done after ${limit / 1_000} s`);
  if (run.answer === '')
    throw configNotLoaded(file, lastWords({ output: run.stderr }) ?? 'it ended the process');
  const answer = JSON.parse(run.answer) as { readonly value?: unknown; readonly error?: string };
  if (answer.error !== undefined) throw configNotLoaded(file, answer.error);
  return answer.value;
};
