import type { DatabaseSync } from 'node:sqlite';
import type { Bytes } from '../../protocol/units.ts';
import { rings } from './rings.ts';

/** Each loses the oldest tenth of what it has, when all together are too much. */
const bounded: readonly string[] = [
  'recording',
  'records',
  ...Object.values(rings).map(({ table }) => table),
];

/** Room that was given up is used again, so the file stays as large as it ever was. */
export const keepWithin = (database: DatabaseSync, budget: Bytes): void => {
  if (usedBytes(database) <= budget) return;
  for (const table of bounded) {
    const { first, last } = database
      .prepare(`SELECT min(number) AS first, max(number) AS last FROM ${table}`)
      .get() as { readonly first: number | null; readonly last: number | null };
    if (first === null || last === null) continue;
    database
      .prepare(`DELETE FROM ${table} WHERE number <= ?`)
      .run(first + Math.floor((last - first) / 10));
  }
};

export const usedBytes = (database: DatabaseSync): number => {
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
};
