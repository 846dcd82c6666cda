import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const folder = join(import.meta.dirname, '..', '.forge', 'data');

/** Each service has a file of its own; several workers of it may share the file. */
export const openDatabase = (name: string, schema: string): DatabaseSync => {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, `${name}.db`));
  database.exec(
    `PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${schema}`,
  );
  return database;
};
