import { describe, expect, test } from 'vitest';
import { Latency } from '../../src/sdk/rpc/balance/latency.ts';
import { Outlier } from '../../src/sdk/rpc/balance/outlier.ts';
import { type Candidate, type Choice, pickBy } from '../../src/sdk/rpc/balance/strategy.ts';

const candidate = (name: string, change: Partial<Candidate> = {}): Candidate => ({
  name,
  pending: 0,
  latencyMs: 0,
  leaving: false,
  isAside: false,
  ...change,
});
const four = ['a', 'b', 'c', 'd'].map((name) => candidate(name));

/** How often each was chosen. */
const tally = (
  candidates: readonly Candidate[],
  choice: Partial<Choice>,
  times = 400,
): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < times; turn += 1) {
    const picked = pickBy(candidates, { strategy: 'p2c', self: 'me', turn, ...choice });
    const name = picked?.name ?? 'none';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

describe('a strategy', () => {
  test('of two choices takes all of equals, and never the most loaded', () => {
    expect(Object.keys(tally(four, {})).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    const counts = tally([...four, candidate('busy', { pending: 9 })], {});
    expect(counts['busy']).toBeUndefined();
  });

  test('of two choices takes the faster of two with as many calls, if it is so clearly', () => {
    const timed = (a: number, b: number) =>
      tally([candidate('a', { latencyMs: a }), candidate('b', { latencyMs: b })], {});
    expect(timed(1, 200)).toEqual({ a: 400 });
    expect(timed(200, 0)).toEqual({ b: 400 });
    expect(timed(1, 1.5)['b']).toBeGreaterThan(100);
  });

  test('of turns takes one after the other', () => {
    expect(tally(four, { strategy: 'round-robin' })).toEqual({ a: 100, b: 100, c: 100, d: 100 });
  });

  test('of least pending takes the least loaded of all, and equals in turn', () => {
    const loaded = four.map((each, index) => ({ ...each, pending: index < 2 ? 5 : 1 }));
    expect(Object.keys(tally(loaded, { strategy: 'least-pending' })).toSorted()).toEqual([
      'c',
      'd',
    ]);
  });

  test('that sticks takes one and the same for each caller', () => {
    expect(Object.values(tally(four, { strategy: 'sticky' }))).toEqual([400]);
    const chosen = new Set(
      Array.from({ length: 40 }, (_, caller) =>
        Object.keys(tally(four, { strategy: 'sticky', self: `caller ${caller}` }, 1)).join(),
      ),
    );
    expect(chosen.size).toBe(4);
  });

  test.each(['p2c', 'round-robin', 'least-pending', 'sticky'] as const)(
    'by %s takes nobody from none, and who leaves only when nobody stays',
    (strategy) => {
      expect(tally([], { strategy }, 1)).toEqual({ none: 1 });
      const leaving = candidate('leaving', { leaving: true });
      expect(tally([leaving, candidate('stays')], { strategy })).toEqual({ stays: 400 });
      expect(tally([leaving], { strategy }, 1)).toEqual({ leaving: 1 });
    },
  );
});

describe('a key', () => {
  const placeOf = (candidates: readonly Candidate[], key: string): string | undefined =>
    pickBy(candidates, { strategy: 'round-robin', self: 'me', turn: 3, key })?.name;
  const keys = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);

  test('always leads to the same one, and keys are spread over all', () => {
    for (const key of keys) expect(placeOf(four, key)).toBe(placeOf(four.toReversed(), key));
    for (const { name } of four) {
      const share = keys.filter((key) => placeOf(four, key) === name).length;
      expect(share).toBeGreaterThan(150);
      expect(share).toBeLessThan(350);
    }
  });

  test('leads elsewhere only when its own one is gone', () => {
    const three = four.filter(({ name }) => name !== 'b');
    for (const key of keys) {
      const before = placeOf(four, key);
      if (before !== 'b') expect(placeOf(three, key)).toBe(before);
    }
  });
});

describe('how long the answers of an endpoint take', () => {
  test('is not told by the first one, then by the mean of the last', () => {
    const latency = new Latency();
    latency.record(200, 1_000);
    expect(latency.msAt(1_000)).toBe(0);
    latency.record(10, 1_010);
    expect(latency.msAt(1_010)).toBe(10);
    latency.record(20, 1_020);
    expect(latency.msAt(1_020)).toBe(11);
  });

  const slow = (passedOver: number): Latency => {
    const latency = new Latency();
    latency.record(200, 1_000);
    latency.record(200, 1_200);
    for (let count = 0; count < passedOver; count += 1) latency.passedOver();
    return latency;
  };

  test('fades while others are asked, and is what comes then', () => {
    const latency = slow(100);
    expect([1_200, 2_200, 3_200, 9_000].map((at) => latency.msAt(at))).toEqual([200, 100, 0, 0]);
    latency.record(1, 9_000);
    expect(latency.msAt(9_000)).toBe(1);
  });

  test('is known as long as nobody is asked, and fades over calls where these are few', () => {
    const hour = 3_600_000;
    expect([0, 5, 10, 20].map((calls) => slow(calls).msAt(hour))).toEqual([200, 150, 100, 0]);
    const latency = slow(0);
    latency.record(1, hour);
    expect(latency.msAt(hour)).toBe(1);
  });

  test('keeps a service that is seldom asked from its slow instance, but for one call in twenty', () => {
    const [quick, late] = [new Latency(), new Latency()];
    const took = new Map([
      [quick, 1],
      [late, 200],
    ]);
    for (const [latency, ms] of took) for (const at of [0, 1]) latency.record(ms, at);
    const asked = Array.from({ length: 1_000 }, (_, turn) => {
      const at = (turn + 1) * 3_000;
      const candidates = [...took.keys()].map((latency) => ({
        ...candidate(latency === quick ? 'quick' : 'late', { latencyMs: latency.msAt(at) }),
        latency,
        passedOver: () => latency.passedOver(),
      }));
      const picked = pickBy(candidates, { strategy: 'p2c', self: 'me', turn });
      picked?.latency.record(took.get(picked.latency) ?? 0, at);
      return picked?.name;
    });
    const share = asked.filter((name) => name === 'late').length / asked.length;
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.07);
  });
});

describe('who answers badly', () => {
  test('is put aside after five failures in a row, for twice as long each time', () => {
    const outlier = new Outlier();
    for (let count = 0; count < 4; count += 1) outlier.record(true, 0);
    expect(outlier.isAside(0)).toBe(false);
    outlier.record(true, 0);
    expect([outlier.isAside(4_999), outlier.isAside(5_000)]).toEqual([true, false]);
    for (let count = 0; count < 5; count += 1) outlier.record(true, 5_000);
    expect([outlier.isAside(14_999), outlier.isAside(15_000)]).toEqual([true, false]);
  });

  test('is put aside when more than half of twenty fail, and not when half do', () => {
    const [half, most] = [new Outlier(), new Outlier()];
    for (let count = 0; count < 20; count += 1) {
      half.record(count % 2 === 0, 0);
      most.record(count % 2 === 0 || count === 1, 0);
    }
    expect([half.isAside(1), most.isAside(1)]).toEqual([false, true]);
  });

  test('is not asked while others are there, but never are more than half left out', () => {
    const aside = (names: string): readonly Candidate[] =>
      four.map((each) => ({ ...each, isAside: names.includes(each.name) }));
    expect(Object.keys(tally(aside('ab'), {})).toSorted()).toEqual(['c', 'd']);
    expect(Object.keys(tally(aside('abcd'), {})).toSorted()).toEqual(['c', 'd']);
    expect(tally(aside('a').slice(0, 1), {})).toEqual({ a: 400 });
  });
});
