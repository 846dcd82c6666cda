import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sabotages } from '../process/faults/sabotage.ts';
import { faults } from '../process/faults/table.ts';

const src = join(import.meta.dirname, '../../src');

test.each(sabotages)('the program can still be broken so that $what', ({ file, from, to }) => {
  expect(readFileSync(join(src, file), 'utf8').split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});

test('whoever is to notice is a fault of the table', () => {
  const known = faults.map(({ id }) => id);
  expect(sabotages.flatMap(({ caughtBy }) => caughtBy).filter((id) => !known.includes(id))).toEqual(
    [],
  );
});
