import { expect, test } from 'vitest';
import { parseCallPolicy } from '../../src/protocol/parse-call-policy.ts';

test('short and long forms of a policy are the same', () => {
  const short = {
    timeout: '2 s',
    concurrency: 5,
    rate: 10,
    cache: '1 min',
    singleFlight: true,
    breaker: true,
    log: true,
  };
  const long = {
    timeout: 2_000,
    concurrency: { most: 5, queue: 0 },
    rate: { perSecond: 10, burst: 10, by: 'service' },
    cache: { for: 60_000, most: 1_000 },
    singleFlight: true,
    breaker: { failures: 50, least: 20, within: '10 s', open: '5 s', probes: 3 },
    log: true,
  };
  expect(parseCallPolicy('get', short)).toEqual(parseCallPolicy('get', long));
  expect(parseCallPolicy('get', short)).toEqual({
    timeoutMs: 2_000,
    concurrency: { most: 5, queue: 0 },
    rate: { perSecond: 10, burst: 10, by: 'service' },
    cache: { forMs: 60_000, most: 1_000 },
    singleFlight: true,
    breaker: { failures: 50, least: 20, withinMs: 10_000, openMs: 5_000, probes: 3 },
    log: { slowerThanMs: 0 },
  });
  expect(parseCallPolicy('get', { breaker: false, log: false })).toEqual({});
});

test.each([
  [null, 'settings that are no object'],
  [{ timeouts: 1 }, 'timeouts, but the keys are timeout, concurrency'],
  [{ timeout: 'soon' }, "timeout that is no time, such as '5 s'"],
  [{ timeout: 0 }, 'timeout that is no time'],
  [{ concurrency: 0 }, 'concurrency.most that is no number from 1 on'],
  [{ concurrency: { most: 1.5 } }, 'concurrency.most that is no whole number'],
  [{ concurrency: { most: 1, wait: 1 } }, 'concurrency.wait, but the keys are most, queue'],
  [{ rate: { perSecond: 1, by: 'user' } }, "rate.by that is not 'service'"],
  [{ rate: Number.NaN }, 'rate.perSecond that is no number'],
  [{ cache: {} }, 'cache.for that is no time'],
  [{ singleFlight: 'yes' }, 'singleFlight that is neither true nor false'],
  [{ breaker: { open: -1 } }, 'breaker.open that is no time'],
  [{ log: 5 }, undefined],
  [{ constructor: 1 }, 'constructor, but the keys are'],
])('%j is refused: %s', (input, problem) => {
  const parsed = parseCallPolicy('get', input);
  if (problem === undefined) expect(parsed).toEqual({ log: { slowerThanMs: 5 } });
  else expect(parsed).toContain(problem);
});

test('for a whole service there is no cache and no single flight', () => {
  expect(parseCallPolicy('*', { cache: '5 s' })).toContain('cache, but the keys are timeout');
  expect(parseCallPolicy('*', { timeout: '5 s' })).toEqual({ timeoutMs: 5_000 });
});
