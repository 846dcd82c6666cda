import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { initialMemory } from '../../../src/advisor/memory/memory.ts';
import { bytes, instant } from '../../../src/protocol/units.ts';
import { keepWithin, usedBytes } from '../../../src/supervisor/history/budget.ts';
import { historyFolder, momentAt, start } from '../../helpers/history.ts';

const hour = 3_600;

test('a history holds an hour of seconds, and does not grow from then on', () => {
  using folder = historyFolder();
  using history = folder.open();
  const live = (from: number, to: number): number => {
    for (let second = from; second < to; second += 1) {
      history.tick(momentAt(second, 1), initialMemory);
    }
    return statSync(folder.file).size;
  };
  const full = live(0, hour + 600);
  const later = live(hour + 600, hour + 1_200);
  const { at } = history.query({ from: start, to: start + 2 * hour * 1_000, stepMs: 1_000 });
  expect(at).toHaveLength(hour);
  expect(at[0]).toBe(start + 1_200_000);
  // What was added are sixty tens of seconds and ten minutes.
  expect((later - full) / 70).toBeLessThan(200);
});

test('what is oldest goes when all together is more than the budget, the recording first', () => {
  using folder = historyFolder();
  {
    using history = folder.open();
    for (let second = 0; second < 4_000; second += 1) {
      history.input({ type: 'dismissed', id: `r-${second}`.padEnd(500, '.'), at: instant(second) });
      history.tick(momentAt(second, 1), initialMemory);
    }
  }
  using database = new DatabaseSync(folder.file);
  const count = (table: string): number =>
    Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  const before = usedBytes(database);
  keepWithin(database, bytes(before));
  const chunks = count('recording');
  expect(chunks).toBeGreaterThanOrEqual(400);
  keepWithin(database, bytes(before - 1));
  expect(count('recording')).toBeCloseTo(chunks * 0.9, -1);
  expect(count('seconds')).toBe(3_600);
  while (usedBytes(database) > before / 3) keepWithin(database, bytes(before / 3));
  expect(count('minutes')).toBe(0);
  const { first, last } = database
    .prepare('SELECT min(at) AS first, max(at) AS last FROM seconds')
    .get() as { readonly first: number; readonly last: number };
  expect(first).toBeGreaterThan(start + 400_000);
  expect(last).toBe(start + 3_999_000);
});
