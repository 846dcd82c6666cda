import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { envFileInvalid } from '../../protocol/config-errors.ts';
import type { EnvFile, Variables } from '../../protocol/topology.ts';

/** What the files beside a config say to all services, and which of them says what. */
export type AppEnv = { readonly variables: Variables; readonly files: readonly EnvFile[] };

/** Beside the config, the weaker one first. */
const names = ['.env', '.env.local'];

export const appEnvFiles = (directory: string): readonly string[] =>
  names.map((name) => join(directory, name));

export const readAppEnv = (directory: string): AppEnv => {
  const found = appEnvFiles(directory)
    // A folder that is called so is something else, such as an environment of Python.
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .map((file) => ({ file, variables: readEnvFile(file) }));
  return {
    variables: Object.assign({}, ...found.map(({ variables }) => variables)),
    files: found.map(({ file, variables }) => ({ file, names: Object.keys(variables) })),
  };
};

/** The variables that a file sets, by the rules of `node --env-file`, which skips what it cannot read. */
export const readEnvFile = (file: string): Variables => {
  const text = textOf(file);
  const variables = parseEnv(text) as Variables;
  const lines = text.split('\n');
  const [wrong] = lines.flatMap((line, index) => {
    const problem = problemOf(line, variables);
    return problem === undefined || !isStatement(lines, index) ? [] : [{ problem, index }];
  });
  if (wrong === undefined) return variables;
  throw envFileInvalid(
    file,
    `line ${wrong.index + 1} ${wrong.problem}`,
    'Correct the line, or begin it with # if it is a remark.',
  );
};

const textOf = (file: string): string => {
  try {
    // Editors on Windows put a mark before the text.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw envFileInvalid(file, `it cannot be read: ${problem}`, 'Let whoever runs forge read it.');
  }
};

const statement = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(["'`]?)/;

/** Never with the line itself: it may hold a secret. */
const problemOf = (line: string, variables: Variables): string | undefined => {
  if (/^\s*(?:#.*)?$/.test(line)) return undefined;
  if (line.includes('\0')) return 'has a character that no variable can have';
  const [, name = '', quote = ''] = statement.exec(line) ?? [];
  if (!Object.hasOwn(variables, name)) return 'is no NAME=value';
  const isOpen = quote !== '' && variables[name]?.startsWith(quote) === true;
  return isOpen ? 'has a quote that is not closed' : undefined;
};

const probe = 'FORGE_PROBE';

/** Whether a variable could be set before that line: else the line is within a quoted value. */
const isStatement = (lines: readonly string[], index: number): boolean =>
  Object.hasOwn(parseEnv(lines.toSpliced(index, 0, `${probe}=1`).join('\n')), probe);
