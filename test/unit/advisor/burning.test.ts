import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import type { ServiceView } from '../../../src/advisor/view.ts';
import type { Advice, Recommendation } from '../../../src/protocol/advice.ts';
import { recommendationSchema } from '../../../src/protocol/schema.ts';
import { defaultThresholds } from '../../../src/protocol/thresholds.ts';
import { describeAdvice } from '../../../src/tui/plain/describe-advice.ts';
import {
  calm,
  minutes,
  type Played,
  play,
  type Scene,
  saidBy,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

const perSecond = 50;

/** A view of five seconds, in which so many of the answers of each second took too long. */
const withSlow = (
  slowIn: (second: number) => number,
  given: Parameters<typeof serviceView>[1] = {},
) => {
  return (second: number): readonly ServiceView[] => {
    const lately = [0, 1, 2, 3, 4].map((ago) => slowIn(second - ago));
    const share = lately.reduce((sum, each) => sum + each, 0) / 5 / perSecond;
    const slow = slowIn(second);
    return [
      serviceView('orders', {
        arrivalsPerSecond: perSecond,
        p99: share > 0.01 ? 700 : 20,
        split: splitOf({ externalMs: share > 0 ? 5 + 700 * share : 5 }),
        lastSecond: {
          arrivals: perSecond,
          completions: perSecond,
          p99Ms: slow > 0 ? 700 : 20,
          ...(slow > 0 && { slowRate: slow / perSecond }),
        },
        ...given,
      }),
    ];
  };
};

const before = calm(...withSlow(() => 0)(0));
const during = (seconds: number, slowIn: (second: number) => number): Scene => ({
  seconds,
  services: withSlow(slowIn),
});

const adviceOf = (recommendations: readonly (Recommendation | undefined)[]): Advice => ({
  version: 1,
  app: 'shop',
  at: '2026-11-22T10:00:00.000Z',
  thresholds: defaultThresholds,
  recommendations: recommendations.filter((one) => one !== undefined),
  notAdvised: [],
});

const reasonOf = ({ last }: Played): string => last.recommendations[0]?.reason ?? '';

describe('trouble that comes and goes', () => {
  const often = (second: number) => (second >= 20 && second % 12 < 2 ? perSecond : 0);
  const rarely = (second: number) => (second >= 20 && second % 30 < 5 ? perSecond : 0);

  test('is told when its share of the answers is many times what there may be', () => {
    const played = play([before, during(130, often)]);
    expect(played.opened.map(([, what]) => what)).toEqual(['investigate orders']);
    expect(played.opened[0]?.[0]).toBeLessThan(80);
    expect(reasonOf(played)).toMatch(/^\d+ % of the requests took over 500 ms in the last 60 s/);
  });

  test('is one case as long as it comes back, and over soon after it does not', () => {
    const played = play([before, during(600, rarely)]);
    expect(played.opened.length).toBeLessThanOrEqual(2);
    const after = play([{ seconds: 70, services: withSlow(() => 0) }], {
      memory: played.memory,
      from: 620,
    });
    expect(saidBy(after.last)).toEqual([]);
  });

  test('is shown as nothing bad when nothing has been for a while, though it may come back', () => {
    const played = play([before, during(600, rarely)]);
    const { all } = play([{ seconds: 70, services: withSlow(() => 0) }], {
      memory: played.memory,
      from: 620,
    });
    const shown = all.flatMap(({ recommendations }) => recommendations.map((one) => one.severity));
    expect(shown[0]).not.toBe('ok');
    expect(shown.at(-1)).toBe('ok');
  });

  test('says that it is over, and since when, while it is told only as it may come back', () => {
    const { memory, last } = play([before, during(600, rarely)]);
    const was = last.recommendations[0];
    const quiet: Scene = { seconds: 20, services: withSlow(() => 0) };
    const over = play([quiet], { memory, from: 620 });
    const [advice] = over.last.recommendations;
    expect(advice?.reason).toBe(
      `It is over, and only told on as it may soon come back; it was: ${was?.reason}`,
    );
    expect(Date.parse(advice?.overSince ?? '')).toBe(over.memory.open[0]?.seenAt);
    const text = describeAdvice(adviceOf([advice]), 80);
    expect(text).toMatch(/^r-\w+ {2}over {5}investigate orders/);
    const again = play([during(8, () => perSecond)], { memory: over.memory, from: 640 });
    expect(again.last.recommendations[0]).toMatchObject({ id: was?.id, severity: 'critical' });
    expect(again.last.recommendations[0]).not.toHaveProperty('overSince');
  });

  test('is shown as nothing bad sooner after the first time, as nothing swings then', () => {
    /** How many of the seconds after it show it as bad. */
    const badAfter = (slowIn: (second: number) => number): number => {
      const { memory } = play([before, during(285, slowIn)]);
      const quiet: Scene = { seconds: 30, services: withSlow(() => 0) };
      const { all } = play([quiet], { memory, from: 305 });
      return all.filter(({ recommendations: [one] }) => one && one.severity !== 'ok').length;
    };
    const once = badAfter((second) => (second >= 245 ? perSecond : 0));
    const again = badAfter(rarely);
    expect(once).toBeLessThan(10);
    expect(again).toBeGreaterThan(once + 5);
  });

  test('of which bad answers use up what there may be is told beside P99, in each window', () => {
    const [advice] = play([before, during(130, often)]).last.recommendations;
    expect(advice?.evidence).toMatchObject([
      {
        signal: 'latencyP99Ms',
        burnRates: [
          { forMs: 60_000, line: 10 },
          { forMs: 5_000, line: 10 },
          { forMs: 600_000, line: 3 },
          { forMs: 50_000, line: 3 },
        ],
      },
    ]);
    expect(advice?.evidence[0]?.burnRates?.[0]?.times).toBeGreaterThan(10);
    expect(v.safeParse(recommendationSchema, advice).issues).toBeUndefined();
  });

  test('was one bad moment, and is over as soon as ever', () => {
    const once = (second: number) => (second >= 20 && second < 32 ? perSecond : 0);
    const { all, opened } = play([before, during(40, once)]);
    expect(opened).toHaveLength(1);
    expect(all[32 + 5 + 5]?.recommendations).toEqual([]);
  });
});

describe('a few bad answers of a hundred', () => {
  const few = (second: number) => (second >= 20 && second % 28 === 0 ? perSecond : 0);

  test('are told when they are so for minutes, as a warning', () => {
    const played = play([before, during(minutes(10), few)]);
    expect(played.opened.map(([, what]) => what)).toEqual(['investigate orders']);
    expect(played.last.recommendations[0]?.severity).toBe('warning');
    expect(reasonOf(played)).toMatch(/% of the requests took over 500 ms in the last 10 min/);
  });

  test('are no case when there are no more than there may be', () => {
    const asMany = (second: number) => (second % 2 === 0 ? 1 : 0);
    expect(play([before, during(minutes(15), asMany)]).opened).toEqual([]);
  });
});

describe('of a service that hardly anybody asks', () => {
  const answer = { arrivals: 1, completions: 1 };
  const nobody = { arrivals: 0, completions: 0 };
  const good = { lastSecond: answer, externalMs: 10 };
  const bad = { lastSecond: { ...answer, slowRate: 1, p99Ms: 1_500 }, externalMs: 1_500 };

  /** An answer in each period, which a view shows for five seconds. */
  const every = (period: number, slowFrom: number) => (second: number) => {
    const ago = second % period;
    const { lastSecond, externalMs } = second - ago >= slowFrom ? bad : good;
    const seen = { arrivalsPerSecond: 0.2, p99: externalMs, split: splitOf({ externalMs }) };
    return [
      serviceView('orders', {
        ...(ago < 5 ? seen : { arrivalsPerSecond: 0, p99: 0 }),
        lastSecond: ago === 0 ? lastSecond : nobody,
      }),
    ];
  };

  test('the last five answers tell what a percentile cannot', () => {
    const played = play([{ seconds: 400, services: every(8, 80) }]);
    expect(played.opened).toEqual([[80 + 4 * 8, 'investigate orders']]);
    expect(reasonOf(played)).toContain('took over 500 ms (low traffic)');
  });

  test('it stays a case until an answer is good, however long that takes', () => {
    const played = play([{ seconds: 1_200, services: every(90, 180) }]);
    expect(played.opened).toHaveLength(1);
    expect(saidBy(played.last)).toEqual(['investigate orders']);
  });

  test('it is as bad as it was, and not over, while nobody asks', () => {
    const { last } = play([{ seconds: 80 + 5 * 90, services: every(90, 80) }]);
    expect(saidBy(last)).toEqual(['investigate orders']);
    expect(last.recommendations[0]).toMatchObject({ severity: 'warning' });
    expect(last.recommendations[0]).not.toHaveProperty('overSince');
  });

  test('a slow answer an hour is no case', () => {
    expect(play([{ seconds: 3_000, services: every(400, 400) }]).opened).toEqual([]);
  });
});

test('the autopilot does what it would have done, whatever burns', () => {
  const settings = { ...defaultSettings, autoExecute: true };
  const few = (second: number) => (second % 2 === 0 ? 4 : 0);
  const scene = (slowIn: (second: number) => number): Scene => ({
    seconds: minutes(12),
    services: withSlow(slowIn, { workers: 4, busy: 3, p99: 20 }),
  });
  const doneIn = (slowIn: (second: number) => number) =>
    play([scene(slowIn)], { settings }).opened.filter(
      ([, what]) => !what.startsWith('investigate'),
    );
  expect(doneIn(few)).toEqual(doneIn(() => 0));
  expect(doneIn(few)).not.toEqual([]);
});
