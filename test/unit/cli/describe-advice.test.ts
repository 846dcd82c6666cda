import { expect, test } from 'vitest';
import { describeRecommendation } from '../../../src/tui/plain/describe-advice.ts';
import { investigate, scaleUp } from '../../console/shop.ts';

test('advice that only a person can follow is printed with its steps', () => {
  const twoSteps = { ...investigate, steps: ['Find the program', 'Stop it'] };
  const text = describeRecommendation(twoSteps, 100).slice(-3);
  expect(text).toEqual([
    '  do    1 Find the program',
    '        2 Stop it',
    '  more  forge explain billing',
  ]);
});

test('advice that a command carries out is printed with the command', () => {
  const text = describeRecommendation(scaleUp, 100).at(-1);
  expect(text).toBe(`  do    ${scaleUp.command}   or: forge advise accept ${scaleUp.id}`);
});
