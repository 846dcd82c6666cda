import { expect, test } from 'vitest';
import { dividedBy } from '../../tools/divide-evidence.ts';

const cases = (count: number, strength: number, cameTrue: number) =>
  Array.from({ length: count }, (_, index) => ({ strength, cameTrue: index < cameTrue }));

test('cases are divided where clearly fewer of one side came true', () => {
  const given = [...cases(20, 0.35, 1), ...cases(20, 0.55, 3), ...cases(200, 0.95, 180)];
  expect(dividedBy(given)).toEqual([
    { from: 0, cases: 40, cameTrue: 4 },
    { from: 0.6, cases: 200, cameTrue: 180 },
  ]);
});

test('what makes no difference, or may by chance, divides nothing', () => {
  expect(dividedBy([...cases(50, 0.35, 45), ...cases(50, 0.95, 49)])).toEqual([
    { from: 0, cases: 100, cameTrue: 94 },
  ]);
  expect(dividedBy([...cases(5, 0.35, 0), ...cases(500, 0.95, 500)])).toHaveLength(1);
  expect(dividedBy([])).toEqual([{ from: 0, cases: 0, cameTrue: 0 }]);
});
