import { courses } from '../../test/helpers/scenarios/courses.ts';
import { graceSeconds, playCourse, type Scored } from '../../test/helpers/scenarios/onsets.ts';
import { heading, percentage, print, target } from './print.ts';

/** Played by no test. */
const heldOut = 1_000;
const variants = 20;
const lateAfter = 5;

/** One trouble after the other: how long what is on top is not what is true. */
export const printOnsets = (seed: number): void => {
  const first = seed * heldOut;
  heading(`One trouble after the other: seeds ${first} to ${first + variants - 1}, in seconds`);
  const all = courses.flatMap((course) => {
    const scored = Array.from({ length: variants }, (_, index) =>
      playCourse(course, first + index),
    );
    print(`${course.name.padEnd(76)} ${textOf(scored)}`);
    return scored;
  });
  print(textOf(all));
  const share =
    sum(all, ({ wrong, silent }) => wrong + silent) / sum(all, ({ seconds }) => seconds);
  const what = `wrong, or silent of what is critical, after ${graceSeconds} s`;
  target(`${percentage(share, 1)} ${what}`, '≤ 5 %', share <= 0.05);
};

const sum = (all: readonly Scored[], of: (one: Scored) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

const textOf = (all: readonly Scored[]): string => {
  const delays = all.flatMap((one) => one.delays);
  const late = delays.filter((each) => each > lateAfter).length;
  return [
    `wrong ${sum(all, ({ wrong }) => wrong)} (critical ${sum(all, (one) => one.wrongCritical)})`,
    `silent ${sum(all, ({ silent }) => silent)}`,
    `over and still told ${sum(all, ({ stale }) => stale)} (as over ${sum(all, (one) => one.toldAsOver)})`,
    `of ${sum(all, ({ seconds }) => seconds)}`,
    `turns ${sum(all, ({ turns }) => turns)}`,
    `later than ${lateAfter} s ${late} of ${delays.length}`,
  ].join(', ');
};
