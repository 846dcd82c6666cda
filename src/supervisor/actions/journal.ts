import type { DatabaseSync } from 'node:sqlite';
import type { Action, Verification } from '../../protocol/action.ts';
import type { AutopilotMode } from '../../protocol/autopilot.ts';
import type { ErrorData } from '../../protocol/forge-error.ts';
import { readStore, Store, type StoreOptions } from '../history/store.ts';
import { noOverrides, type Overrides } from '../topology/placement.ts';
import type { Request } from './moves.ts';

export type Entry = {
  readonly action: Action;
  readonly inverse?: Request;
  readonly error?: ErrorData;
};

/** Nothing is ever changed or removed but what lies so far back: rows of one action are its stages. */
const kept = 100_000;
/** Actions that are at hand without a look into the file. */
const recent = 500;

const journalVersion = 1;
/** The first form had one row an action, which was written over. */
const schema = `
  CREATE TABLE IF NOT EXISTS journal (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, entry TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS journal_by_id ON journal (id, number);
  CREATE TABLE IF NOT EXISTS actions (number INTEGER PRIMARY KEY, id TEXT, entry TEXT);
  INSERT INTO journal (id, entry) SELECT id, entry FROM actions ORDER BY number;
  DROP TABLE actions;
  CREATE TRIGGER IF NOT EXISTS journal_is_not_changed BEFORE UPDATE ON journal
    BEGIN SELECT RAISE (ABORT, 'the journal is only added to'); END;
  CREATE TRIGGER IF NOT EXISTS journal_is_not_shortened BEFORE DELETE ON journal
    WHEN OLD.number > (SELECT max(number) FROM journal) - ${kept}
    BEGIN SELECT RAISE (ABORT, 'the journal is only added to'); END;
  CREATE TABLE IF NOT EXISTS overrides (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), value TEXT NOT NULL);
`;

/** What operators changed, read beside a supervisor that may be running. */
export const readOverrides = (file: string): Overrides =>
  readStore(file, overridesIn) ?? noOverrides;

/** A journal that is damaged says so when it is opened. */
export const overridesAtStart = (file: string): Overrides => {
  try {
    return readOverrides(file);
  } catch {
    return noOverrides;
  }
};

/** What was done, newest first, read beside a supervisor that may be running. */
export const readActions = (file: string, since = 0): readonly Action[] =>
  readStore(file, (database) => entriesIn(database, kept))
    ?.map(({ action }) => action)
    .filter(isSince(since)) ?? [];

const isSince =
  (since: number) =>
  ({ startedAt }: Action): boolean =>
    Date.parse(startedAt) >= since;

const overridesIn = (database: DatabaseSync): Overrides => {
  const { value } = database.prepare('SELECT value FROM overrides').get() ?? {};
  return value === undefined ? noOverrides : (JSON.parse(String(value)) as Overrides);
};

/** The last stage of each, newest first. */
const entriesIn = (database: DatabaseSync, limit: number): readonly Entry[] =>
  database
    .prepare(
      `SELECT entry FROM journal JOIN (
         SELECT min(number) AS first, max(number) AS last FROM journal GROUP BY id
       ) ON number = last ORDER BY first DESC LIMIT ?`,
    )
    .all(limit)
    .map(toEntry);

/**
 * Every action of an app: who, why, from what to what, how it ended. Outlives the supervisor. On a
 * full disk the actions go on, and are written down when there is room again.
 */
export class Journal implements Disposable {
  readonly #store: Store;
  /** Oldest first. */
  readonly #recent = new Map<string, Entry>();
  readonly #unsaved: Entry[] = [];
  #overrides: Overrides = noOverrides;
  #areOverridesSaved = true;

  constructor(file: string, onTrouble: StoreOptions['onTrouble'] = () => undefined) {
    const what = 'the journal of actions';
    const version = journalVersion;
    this.#store = new Store({ file, schema, version, what, isForced: true, onTrouble });
    const entries = this.#store.attempt((database) => entriesIn(database, recent)) ?? [];
    for (const entry of entries.toReversed()) this.#recent.set(entry.action.id, entry);
    this.#overrides = this.#store.attempt(overridesIn) ?? noOverrides;
    this.#closeInterrupted();
  }

  /** Adds an action, or the next stage of one. */
  write(entry: Entry): void {
    const { id } = entry.action;
    this.#recent.set(id, entry);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size > recent) this.#recent.delete(oldest);
    }
    this.#unsaved.push(entry);
    this.flush();
  }

  /** Writes down what a full disk has not taken. */
  flush(): void {
    if (this.#unsaved.length === 0 && this.#areOverridesSaved) return;
    const isDone = this.#store.write((database) => {
      const insert = database.prepare('INSERT INTO journal (id, entry) VALUES (?, ?)');
      for (const entry of this.#unsaved) insert.run(entry.action.id, JSON.stringify(entry));
      database
        .prepare('DELETE FROM journal WHERE number <= (SELECT max(number) FROM journal) - ?')
        .run(kept);
      if (this.#areOverridesSaved) return;
      database
        .prepare('INSERT OR REPLACE INTO overrides (only_row, value) VALUES (1, ?)')
        .run(JSON.stringify(this.#overrides));
    });
    if (!isDone) return;
    this.#unsaved.length = 0;
    this.#areOverridesSaved = true;
  }

  get(id: string): Entry | undefined {
    return this.#recent.get(id) ?? this.#store.attempt((database) => lastStage(database, id));
  }

  /** The recent ones, newest first. */
  entries(): readonly Entry[] {
    return [...this.#recent.values()].toReversed();
  }

  /** Newest first; with a time, all since then. */
  list(since?: number): readonly Action[] {
    if (since === undefined) return this.entries().map(({ action }) => action);
    this.flush();
    const entries = this.#store.attempt((database) => entriesIn(database, kept)) ?? this.entries();
    return entries.map(({ action }) => action).filter(isSince(since));
  }

  setVerification(id: string, verification: Verification): void {
    const entry = this.get(id);
    if (entry !== undefined) this.write({ ...entry, action: { ...entry.action, verification } });
  }

  overrides(): Overrides {
    return this.#overrides;
  }

  /** Of the layout; what else operators changed stays. */
  saveOverrides(layout: Omit<Overrides, 'autopilot'>): void {
    const { autopilot } = this.#overrides;
    this.#save({ ...layout, ...(autopilot === undefined ? {} : { autopilot }) });
  }

  /** How the autopilot is to act; undefined is as the config has it. */
  saveMode(mode: AutopilotMode | undefined): void {
    const { autopilot: _before, ...layout } = this.#overrides;
    this.#save(mode === undefined ? layout : { ...layout, autopilot: mode });
  }

  #save(overrides: Overrides): void {
    this.#overrides = overrides;
    this.#areOverridesSaved = false;
    this.flush();
  }

  [Symbol.dispose](): void {
    this.flush();
    this.#store[Symbol.dispose]();
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

const lastStage = (database: DatabaseSync, id: string): Entry | undefined => {
  const row = database
    .prepare('SELECT entry FROM journal WHERE id = ? ORDER BY number DESC LIMIT 1')
    .get(id);
  return row === undefined ? undefined : toEntry(row);
};

/** Rows are written by this class alone. */
const toEntry = ({ entry }: Record<string, unknown>): Entry => JSON.parse(String(entry)) as Entry;
