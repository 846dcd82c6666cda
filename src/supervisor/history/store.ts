import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { stateUnreadable } from '../../protocol/errors.ts';

export type StoreOptions = {
  readonly file: string;
  readonly schema: string;
  /** Of the schema; a file of a later one is not ours to write to. */
  readonly version: number;
  /** What is kept here, as people call it. */
  readonly what: string;
  /** It is on the disk before it counts as kept, and the loss of power takes nothing of it. */
  readonly isForced?: true;
  /** `ok` when a trouble is over. */
  readonly onTrouble: (severity: 'ok' | 'warning', text: string) => void;
};

/** SQLite's numbers for a file that is damaged, or that never was a database. */
const damaged: readonly number[] = [11, 26];
const sqliteError = 1;
/** Another supervisor writes the file while it hands over. */
const busyMs = 1_000;

/** Little is read but by a person who looks back, and the system caches the file as well. */
const base = `
  PRAGMA journal_mode = WAL;
  PRAGMA cache_size = -256;
`;

/**
 * A database whose trouble is nobody else's: a damaged file is set aside and begun anew, and what a
 * full disk does not take is tried again by whoever needs it. Both are said, once.
 */
export class Store implements Disposable {
  readonly #options: StoreOptions;
  #database: DatabaseSync | undefined;
  #trouble: string | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.attempt(() => undefined);
  }

  /** True while the last attempt failed. */
  get isTroubled(): boolean {
    return this.#trouble !== undefined;
  }

  /** In one transaction; false when nothing of it is kept. */
  write(change: (database: DatabaseSync) => void): boolean {
    const done = this.attempt((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        change(database);
        database.exec('COMMIT');
      } catch (error) {
        // A full disk has ended the transaction already.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
      return true;
    });
    return done ?? false;
  }

  /** Undefined when the file cannot be used now. */
  attempt<T>(use: (database: DatabaseSync) => T): T | undefined {
    try {
      const result = this.#tryTwice(use);
      this.#over();
      return result;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#database?.close();
    } catch {
      // What was kept is in the file; only the tidying up at the end failed.
    }
    this.#database = undefined;
  }

  #tryTwice<T>(use: (database: DatabaseSync) => T): T {
    try {
      return use(this.#open());
    } catch (error) {
      const damage = damageOf(error);
      if (damage === undefined) throw error;
      this.#setAside(damage);
      return use(this.#open());
    }
  }

  #open(): DatabaseSync {
    if (this.#database !== undefined) return this.#database;
    const { file } = this.#options;
    mkdirSync(dirname(file), { recursive: true });
    const damage = existsSync(file) ? damageIn(file) : undefined;
    if (damage !== undefined) this.#setAside(damage);
    const database = new Database(file, { timeout: busyMs });
    try {
      this.#prepare(database);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }

  #prepare(database: DatabaseSync): void {
    const { file, schema, version, isForced = false } = this.#options;
    chmodSync(file, 0o600);
    database.exec(base);
    database.exec(`PRAGMA synchronous = ${isForced ? 'FULL' : 'NORMAL'}`);
    const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found > version) throw new ForeignFile(`it is of version ${found}, and this is ${version}`);
    // All at once: each change of a new file would be forced onto the disk alone.
    database.exec(`BEGIN; ${schema}; PRAGMA user_version = ${version}; COMMIT`);
  }

  /** Nothing is thrown away: someone may still get something out of the file. */
  #setAside(problem: string): void {
    const { file, what, onTrouble } = this.#options;
    this[Symbol.dispose]();
    const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
    }
    onTrouble('warning', `${what} cannot be read (${problem}): begun anew, see ${basename(aside)}`);
  }

  #fail(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (this.#trouble === undefined) {
      this.#options.onTrouble('warning', `${this.#options.what} is not kept: ${problem}`);
    }
    this.#trouble = problem;
  }

  #over(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.onTrouble('ok', `${this.#options.what} is kept again`);
  }
}

/** The same few statements every second: each is compiled once. */
class Database extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>();

  override prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = super.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

class ForeignFile extends Error {}

/** Where the header of a database has the size of its pages, in two bytes. */
const pageSizeAt = 16;

/**
 * What is wrong with a file that SQLite would take: what is missing of the last page it reads as
 * zeros, and calls that a database with fewer or other rows.
 */
const damageIn = (file: string): string | undefined => {
  const { size } = statSync(file);
  if (size === 0) return 'it is empty';
  const header = Buffer.alloc(pageSizeAt + 2);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, header, 0, header.length, 0);
  closeSync(descriptor);
  // 65 536 does not fit into two bytes, and is written as 1: such a file is not ours.
  const pageSize = Math.max(header.readUInt16BE(pageSizeAt), 512);
  return size % pageSize === 0 ? undefined : 'it is cut off';
};

/** What is wrong with the file itself, by what came of it; undefined when it is not the file. */
const damageOf = (error: unknown): string | undefined => {
  if (error instanceof ForeignFile) return error.message;
  // All that is kept in rows was written as JSON.
  if (error instanceof SyntaxError) return error.message;
  if (!(error instanceof Error && 'errcode' in error)) return undefined;
  const code = Number(error.errcode);
  // A database of somebody else has other columns.
  const isForeign = code === sqliteError && /no such (column|table)|no column/.test(error.message);
  return damaged.includes(code & 0xff) || isForeign ? error.message : undefined;
};

/** Reads a database beside a supervisor that may be running; undefined when there is none. */
export const readStore = <T>(file: string, use: (database: DatabaseSync) => T): T | undefined => {
  if (!existsSync(file)) return undefined;
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: busyMs });
    try {
      return use(database);
    } finally {
      database.close();
    }
  } catch (cause) {
    throw stateUnreadable(file, cause);
  }
};
