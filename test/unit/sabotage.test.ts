import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sabotages } from '../process/faults/sabotage.ts';
import { faults } from '../process/faults/table.ts';

const source = join(import.meta.dirname, '../../src');

test.for(sabotages.map((sabotage) => [sabotage.what, sabotage] as const))(
  'that %s can still be tried, and by rows that there are',
  ([, { file, from, caughtBy }]) => {
    expect(readFileSync(join(source, file), 'utf8').split(from)).toHaveLength(2);
    for (const row of caughtBy) expect(faults.map(({ id }) => id)).toContain(row);
  },
);
