import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesExist } from '../../protocol/config-errors.ts';
import type { Files } from './first-app.ts';

/** An app that is there has one already, and needs no other. */
const mayBeThere = 'package.json';

/** Answers what it has written; writes over nothing, and refuses before it has written anything. */
export const writeFirstApp = (folder: string, files: Files): readonly string[] => {
  const configs = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.startsWith('forge.config.'))
    : [];
  const wanted = Object.keys(files).filter((name) => name !== mayBeThere);
  const taken = new Set([...configs, ...wanted.filter((name) => existsSync(join(folder, name)))]);
  if (taken.size > 0) throw filesExist([...taken].map((name) => join(folder, name)));
  const missing = Object.entries(files).filter(([name]) => !existsSync(join(folder, name)));
  for (const [name, text] of missing) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { flag: 'wx' });
  }
  return missing.map(([name]) => name);
};
