import { expect, test } from 'vitest';
import { ms } from '../../src/protocol/units.ts';
import { Losses } from '../../src/sdk/events/losses.ts';

const start = (everyMs: number) => {
  const lines: string[] = [];
  const losses = new Losses((line) => lines.push(line), ms(everyMs));
  const lose = (times: number, what = 'event a dropped'): void => {
    for (let count = 0; count < times; count += 1) losses.lost(what, `reason ${count}`);
  };
  return { lines, losses, lose };
};

test('of a burst the first loss is said at once, and how many more it were when time is over', async () => {
  const { lines, lose } = start(20);
  lose(1_968);
  expect(lines).toEqual(['event a dropped: reason 0']);
  await expect.poll(() => lines).toHaveLength(2);
  expect(lines[1]).toBe('event a dropped: reason 1967, and 1967 more within a second');
});

test('as long as it goes on there is one line each time, and then the next is said at once', async () => {
  const { lines, lose } = start(200);
  lose(2);
  await expect.poll(() => lines, { interval: 5 }).toHaveLength(2);
  lose(3);
  await expect.poll(() => lines, { interval: 5 }).toHaveLength(3);
  expect(lines[2]).toContain('and 3 more');
  const loseOne = (): string | undefined => {
    lose(1);
    return lines.at(-1);
  };
  // Between two of these there is a time without.
  await expect.poll(loseOne, { interval: 500, timeout: 5_000 }).toBe('event a dropped: reason 0');
});

test('each thing is counted by itself, and what is left is said at the end', () => {
  const { lines, losses, lose } = start(60_000);
  lose(2);
  lose(1, 'event b failed');
  lose(3, 'event b failed');
  losses.close();
  expect(lines).toEqual([
    'event a dropped: reason 0',
    'event b failed: reason 0',
    'event a dropped: reason 1, and 1 more within a second',
    'event b failed: reason 2, and 3 more within a second',
  ]);
});

test('names without end are not kept without end, and none of their losses is left unsaid', () => {
  const { lines, losses, lose } = start(60_000);
  for (let name = 0; name < 2_500; name += 1) lose(2, `event ${name} dropped`);
  losses.close();
  expect(lines).toHaveLength(5_000);
});
