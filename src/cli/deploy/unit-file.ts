import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { unitEdited } from '../../protocol/errors.ts';
import { line } from './unit-syntax.ts';

/** Puts above a unit whose it is, and a hash by which an edit is recognized. */
export const signed = (unit: string, configFile: string): string => {
  const body = `# for ${line(configFile)}\n${unit}`;
  return `${head(body)}${body}`;
};

/** Why a file must not be overwritten, if it must not. */
export const objection = (existing: string, configFile: string): string | undefined => {
  const end = existing.indexOf('\n') + 1;
  const [first, body] = [existing.slice(0, end), existing.slice(end)];
  if (!first.startsWith(mark)) return 'it was not made by `forge startup`';
  if (first !== head(body)) return 'it was edited after `forge startup` had made it';
  const owner = body.slice(0, body.indexOf('\n'));
  return owner === `# for ${line(configFile)}` ? undefined : `it is${owner.slice(1)}`;
};

/** Writes a unit file whole, unless somebody's work would be lost. */
export const installUnit = (file: string, unit: string, configFile: string): void => {
  const problem = existsSync(file) ? objection(readFileSync(file, 'utf8'), configFile) : undefined;
  if (problem !== undefined) throw unitEdited(file, problem);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, signed(unit, configFile), { mode: 0o644 });
  renameSync(draft, file);
};

const mark = '# made by `forge startup`, ';

const head = (body: string): string =>
  `${mark}sha256 ${createHash('sha256').update(body).digest('hex')}\n`;
