import { describe, expect, test } from 'vitest';
import type { Recommendation } from '../../../src/protocol/advice.ts';
import { minutes, play, serviceView } from '../../helpers/advisor.ts';

type Told = { readonly at: number; readonly first: Recommendation; readonly last: Recommendation };

/** What is said of a service whose process takes so much in each second, and when first. */
const told = (seconds: number, memoryMb: (at: number) => number): Told | undefined => {
  const services = (at: number) => [serviceView('orders', { memoryMbPerWorker: memoryMb(at) })];
  const { all } = play([{ seconds, services }]);
  const at = all.findIndex(({ recommendations }) => recommendations.length > 0);
  const [first] = all[at]?.recommendations ?? [];
  const last = all.findLast(({ recommendations }) => recommendations.length > 0);
  const [latest] = last?.recommendations ?? [];
  return first === undefined || latest === undefined ? undefined : { at, first, last: latest };
};

/** Until it is at 1024 MB. */
const leftAt = (at: number, mbPerSecond: number, fromMb: number): number =>
  (1_024 - fromMb) / mbPerSecond - at;

describe('a leak', () => {
  test.each([
    ['of 4 MB a second', 4, 70],
    ['of 1.5 MB a second', 1.5, 280],
    ['of 0.5 MB a second', 0.5, 1_200],
  ])('%s is told while there is time to do something', (_name, mbPerSecond, seconds) => {
    const leak = told(minutes(20), (at) => Math.min(1_000, 100 + mbPerSecond * at));
    expect(leftAt(leak?.at ?? Number.POSITIVE_INFINITY, mbPerSecond, 100)).toBeGreaterThan(seconds);
  });

  test('is told sooner of a process that was steady before', () => {
    const leak = told(minutes(10), (at) => 100 + 4 * Math.max(0, at - 300));
    expect(leak?.at).toBeLessThan(300 + 120);
    expect(leak?.first.severity).toBe('critical');
  });

  test('is critical when less than five minutes are left, and says how long', () => {
    const leak = told(700, (at) => 100 + 1 * Math.max(0, at));
    expect(leak?.first).toMatchObject({ severity: 'warning' });
    expect(leak?.first.reason).toMatch(
      /^Memory grows by 60 MB a minute and reaches 1024 MB in 1\d min$/,
    );
    expect(leak?.last).toMatchObject({ severity: 'critical' });
    const last = told(900, (at) => 100 + 1 * at)?.last;
    expect(last?.reason).toMatch(/reaches 1024 MB in [345]\d s$/);
  });

  test('is one case under a saw-tooth of a minute and a half', () => {
    const services = (at: number) => [
      serviceView('orders', { memoryMbPerWorker: 250 + 0.7 * at + (at % 90) }),
    ];
    const { opened } = play([{ seconds: 900, services }]);
    expect(opened.map(([, what]) => what)).toEqual(['investigate orders']);
  });

  test.each([
    ['of 30 MB every two minutes', 120, 30],
    ['of 60 MB every four minutes', 240, 60],
    ['of 40 MB, about every two minutes', 97, 40],
  ])('in steps, %s, is told', (_name, every, mb) => {
    const leak = told(minutes(30), (at) => 250 + mb * Math.floor(at / every));
    expect(leak?.at).toBeLessThan(minutes(29));
    expect(leak?.first.reason).toMatch(/^Memory grows/);
  });
});

describe('no leak', () => {
  const chance = (at: number, mb: number): number => ((at * 7_919) % 101) * (mb / 101);

  test.each<[string, (at: number) => number]>([
    ['are caches that fill quickly', (at) => 90 + 700 * (1 - Math.exp(-at / 60))],
    ['are caches that fill slowly', (at) => 90 + 800 * (1 - Math.exp(-at / 300))],
    ['are caches that take half an hour', (at) => 150 + 500 * (1 - Math.exp(-at / 900))],
    ['is a cache that fills evenly and is then full', (at) => 90 + Math.min(350, 1.5 * at)],
    ['is the saw-tooth of a collector', (at) => 500 + (at % 59) * 5],
    ['is a slow saw-tooth', (at) => 400 + (at % 140) * 2],
    ['is one that takes minutes', (at) => 300 + (at % 230) * 1],
    ['is what is allocated once', (at) => (at < 700 ? 200 : 600) + chance(at, 8)],
    ['is chance', (at) => 400 + chance(at, 60)],
    ['is a burst', (at) => 300 + 6 * Math.max(0, Math.min(at - 600, 660 - at, 60))],
    [
      'are releases, after each of which it warms up',
      (at) => 60 + 200 * (1 - Math.exp(-(at % 600) / 40)),
    ],
  ])('%s', (_name, memoryMb) => {
    expect(told(minutes(45), memoryMb)).toBeUndefined();
  });
});

describe('of several workers', () => {
  const six = (memoryMb: (at: number) => number) =>
    play([
      {
        seconds: 400,
        services: (at) => {
          const largestWorker = { id: 'orders#3', memoryMb: memoryMb(at) };
          const memoryMbPerWorker = (5 * 100 + memoryMb(at)) / 6;
          return [serviceView('orders', { workers: 6, memoryMbPerWorker, largestWorker })];
        },
      },
    ]).last.recommendations[0];

  test('one that is far over its line is told, and which', () => {
    expect(six(() => 3_000)).toMatchObject({
      severity: 'critical',
      reason: expect.stringMatching(
        /^Memory of orders#3 is 3000 MB \(critical at 1024 MB\) for \d+ s$/,
      ),
      details: { memoryMb: 3_000 },
    });
  });

  test('one that leaks is told, and which', () => {
    const leak = six((at) => 100 + 2 * at);
    expect(leak?.reason).toMatch(/^Memory of orders#3 grows by 120 MB a minute/);
  });
});
