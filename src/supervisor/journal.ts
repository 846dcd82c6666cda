import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Action, ActionRequest, Verification } from '../protocol/action.ts';
import type { ErrorData } from '../protocol/forge-error.ts';
import { noOverrides, type Overrides } from './topology/placement.ts';

export type Inverse = ActionRequest & { readonly workers?: number };

export type Entry = {
  readonly action: Action;
  readonly inverse?: Inverse;
  readonly error?: ErrorData;
};

const schema = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS actions (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, entry TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS overrides (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), value TEXT NOT NULL);
`;

/** What operators changed, read beside a supervisor that may be running. */
export const readOverrides = (file: string): Overrides => {
  if (!existsSync(file)) return noOverrides;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return overridesIn(database);
  } finally {
    database.close();
  }
};

const overridesIn = (database: DatabaseSync): Overrides => {
  const { value } = database.prepare('SELECT value FROM overrides').get() ?? {};
  return value === undefined ? noOverrides : (JSON.parse(String(value)) as Overrides);
};

/** Every action of an app: who, why, from what to what, how it ended. Outlives the supervisor. */
export class Journal implements Disposable {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    // A supervisor that hands over closes the file while the next one opens it.
    this.#database = new DatabaseSync(file, { timeout: 5_000 });
    this.#database.exec(schema);
    this.#closeInterrupted();
  }

  /** Adds an entry, or replaces the one with the same id. */
  write(entry: Entry): void {
    this.#database
      .prepare(
        'INSERT INTO actions (id, entry) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET entry = excluded.entry',
      )
      .run(entry.action.id, JSON.stringify(entry));
  }

  get(id: string): Entry | undefined {
    const row = this.#database.prepare('SELECT entry FROM actions WHERE id = ?').get(id);
    return row === undefined ? undefined : toEntry(row);
  }

  /** Newest first. */
  entries(limit = 500): readonly Entry[] {
    return this.#database
      .prepare('SELECT entry FROM actions ORDER BY number DESC LIMIT ?')
      .all(limit)
      .map(toEntry);
  }

  list(): readonly Action[] {
    return this.entries().map(({ action }) => action);
  }

  setVerification(id: string, verification: Verification): void {
    const entry = this.get(id);
    if (entry !== undefined) this.write({ ...entry, action: { ...entry.action, verification } });
  }

  overrides(): Overrides {
    return overridesIn(this.#database);
  }

  saveOverrides(overrides: Overrides): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO overrides (only_row, value) VALUES (1, ?)')
      .run(JSON.stringify(overrides));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** What a supervisor left half done when it died did not succeed. */
  #closeInterrupted(): void {
    const finishedAt = new Date().toISOString();
    const error = 'the supervisor ended while this action ran';
    for (const entry of this.entries()) {
      if (entry.action.status !== 'running') continue;
      this.write({ ...entry, action: { ...entry.action, status: 'failed', finishedAt, error } });
    }
  }
}

/** Rows are written by this class alone. */
const toEntry = ({ entry }: Record<string, unknown>): Entry => JSON.parse(String(entry)) as Entry;
