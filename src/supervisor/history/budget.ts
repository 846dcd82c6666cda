import type { DatabaseSync } from 'node:sqlite';
import type { Bytes } from '../../protocol/units.ts';
import { rings } from './rings.ts';

/** What goes first when all together are too much, and how much of each goes only when nothing else can. */
const bounded: readonly (readonly [table: string, least: number])[] = [
  ['recording', 360],
  ['records', 1_000],
  [rings[60_000].table, 0],
  [rings[10_000].table, 0],
  [rings[1_000].table, 0],
];

/**
 * A tenth of the oldest at a time: it is looked at once a minute, and nothing grows as fast. Room
 * that was given up is used again, so the file stays as large as it ever was.
 */
export const keepWithin = (database: DatabaseSync, budget: Bytes): void => {
  if (usedBytes(database) <= budget) return;
  for (const [table, least] of bounded) {
    const row = database.prepare(`SELECT min(number) AS first, max(number) AS last FROM ${table}`);
    const { first, last } = row.get() as { readonly first: number | null; readonly last: number };
    if (first === null || last - first < least) continue;
    const end = first + Math.ceil((last - first) / 10);
    database.prepare(`DELETE FROM ${table} WHERE number <= ?`).run(end);
    return;
  }
};

export const usedBytes = (database: DatabaseSync): number => {
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
};
