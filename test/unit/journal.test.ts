import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import {
  Journal,
  overridesAtStart,
  readActions,
  readOverrides,
} from '../../src/supervisor/actions/journal.ts';
import { actionOf } from '../helpers/actions.ts';

test('each stage of an action is a row of its own, and no row can be changed or taken away', () => {
  using folder = journalFolder();
  {
    using journal = folder.open();
    journal.write({ action: actionOf('a-1', 'running') });
    journal.write({ action: actionOf('a-1', 'done') });
    journal.write({ action: actionOf('a-2', 'failed') });
    expect(journal.list().map(({ id, status }) => [id, status])).toEqual([
      ['a-2', 'failed'],
      ['a-1', 'done'],
    ]);
  }
  using database = new DatabaseSync(folder.file);
  const { n } = database.prepare('SELECT count(*) AS n FROM journal').get() ?? {};
  expect(n).toBe(3);
  const change = (sql: string) => (): void => database.exec(sql);
  expect(change("UPDATE journal SET entry = '{}'")).toThrow('only added to');
  expect(change('DELETE FROM journal WHERE number = 1')).toThrow('only added to');
});

test('what was done is told since a time, also when no supervisor runs', () => {
  using folder = journalFolder();
  {
    using journal = folder.open();
    journal.write({
      action: { ...actionOf('old', 'done'), startedAt: '2026-01-01T00:00:00.000Z' },
    });
    journal.write({
      action: { ...actionOf('new', 'done'), startedAt: '2026-03-01T00:00:00.000Z' },
    });
    const since = Date.parse('2026-02-01');
    expect(journal.list(since).map(({ id }) => id)).toEqual(['new']);
  }
  expect(readActions(folder.file).map(({ id }) => id)).toEqual(['new', 'old']);
  expect(readActions(folder.file, Date.parse('2026-02-01')).map(({ id }) => id)).toEqual(['new']);
  expect(readActions(join(folder.directory, 'none.db'))).toEqual([]);
});

test('what was chosen for the autopilot outlives changes of the layout, and the journal', () => {
  using folder = journalFolder();
  const layout = { groups: {}, workers: { main: 2 } };
  {
    using journal = folder.open();
    journal.saveMode('auto');
    journal.saveOverrides(layout);
    expect(journal.overrides()).toEqual({ ...layout, autopilot: 'auto' });
  }
  expect(readOverrides(folder.file)).toEqual({ ...layout, autopilot: 'auto' });
  using journal = folder.open();
  journal.saveMode(undefined);
  expect(journal.overrides()).toEqual(layout);
});

test('a journal of the first form is taken over', () => {
  using folder = journalFolder();
  {
    using database = new DatabaseSync(folder.file);
    database.exec(`
      CREATE TABLE actions (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, entry TEXT NOT NULL);
      CREATE TABLE overrides (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), value TEXT NOT NULL);
      INSERT INTO overrides VALUES (1, '{"groups":{},"workers":{"main":3}}');
    `);
    const insert = database.prepare('INSERT INTO actions (id, entry) VALUES (?, ?)');
    insert.run('a-1', JSON.stringify({ action: actionOf('a-1', 'done') }));
  }
  for (const _start of [1, 2]) {
    using journal = folder.open();
    expect(journal.list().map(({ id }) => id)).toEqual(['a-1']);
    expect(journal.overrides()).toEqual({ groups: {}, workers: { main: 3 } });
  }
  expect(folder.said).toEqual([]);
});

test('a damaged journal is set aside and said; until then it is an error to whoever reads it', () => {
  using folder = journalFolder();
  writeFileSync(folder.file, 'no database, but long enough to be one '.repeat(100));
  expect(() => readOverrides(folder.file)).toThrow('cannot be read');
  expect(() => readActions(folder.file)).toThrow('cannot be read');
  expect(overridesAtStart(folder.file)).toEqual({ groups: {}, workers: {} });
  using journal = folder.open();
  journal.write({ action: actionOf('a-1', 'done') });
  expect(readActions(folder.file).map(({ id }) => id)).toEqual(['a-1']);
  expect(folder.said).toHaveLength(1);
  expect(folder.said[0]).toContain('the journal of actions cannot be read');
  expect(readdirSync(folder.directory).filter((name) => name.includes('.corrupt-'))).toHaveLength(
    1,
  );
});

const journalFolder = () => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-journal-'));
  const file = join(directory, 'state.db');
  const said: string[] = [];
  return {
    directory,
    file,
    said,
    open: () => new Journal(file, (_severity, text) => said.push(text)),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};
