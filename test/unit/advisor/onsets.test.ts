import { expect, test } from 'vitest';
import { courses, seldomAsked } from '../../helpers/scenarios/courses.ts';
import { playCourse } from '../../helpers/scenarios/onsets.ts';

/** More variants are played by `npm run bench:advisor`. */
const seeds = [4, 6];
const [, changing, filling] = courses;

test.each(courses)('what is told first is what is true: $name', (course) => {
  const scored = seeds.map((seed) => playCourse(course, seed));
  const total = scored.reduce((sum, { seconds }) => sum + seconds, 0);
  const wrong = scored.reduce((sum, one) => sum + one.wrong + one.silent, 0);
  expect(wrong / total, scored.flatMap(({ log }) => log).join('\n')).toBeLessThanOrEqual(0.1);
  expect(scored.map(({ turns }) => turns)).toEqual(seeds.map(() => 0));
});

test.each([
  { course: changing, own: [7, 8] },
  { course: filling, own: [2, 5] },
])(
  'another cause is told within five seconds, also after many: $course.name',
  ({ course, own }) => {
    if (course === undefined) throw new Error('there is no such course');
    const scored = own.map((seed) => playCourse(course, seed));
    expect(scored.flatMap(({ delays }) => delays).filter((each) => each > 5)).toEqual([]);
    expect(scored.map(({ turns }) => turns)).toEqual(own.map(() => 0));
  },
);

test('what a view still shows of a rush that is over is no other cause', () => {
  const [rush] = courses;
  if (rush === undefined) throw new Error('there is no such course');
  const scored = [1_003, 1_007].map((seed) => playCourse(rush, seed));
  expect(scored.map(({ wrong }) => wrong)).toEqual([0, 0]);
});

test('that nobody knows a cause is told no longer than until somebody does', () => {
  const delays = [19, 59].flatMap((seed) => playCourse(seldomAsked, seed).delays);
  expect(delays.filter((each) => each > 5)).toEqual([]);
});
