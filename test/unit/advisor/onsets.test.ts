import { expect, test } from 'vitest';
import { courses } from '../../helpers/scenarios/courses.ts';
import { playCourse } from '../../helpers/scenarios/onsets.ts';

/** More variants are played by `npm run bench:advisor`. */
const seeds = [4, 6];

test.each(courses)('what is told first is what is true: $name', (course) => {
  const scored = seeds.map((seed) => playCourse(course, seed));
  const total = scored.reduce((sum, { seconds }) => sum + seconds, 0);
  const wrong = scored.reduce((sum, one) => sum + one.wrong + one.silent, 0);
  expect(wrong / total, scored.flatMap(({ log }) => log).join('\n')).toBeLessThanOrEqual(0.1);
  expect(scored.map(({ turns }) => turns)).toEqual(seeds.map(() => 0));
});
