import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gate } from '../../../src/sdk/front/admission/gate.ts';
import { Random } from '../../../src/simulator/random.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Seen = { readonly waitedMs: number; readonly isAdmitted: boolean };

/** One worker behind a gate, which takes a millisecond for each request. */
const startWorker = () => {
  const gate = new Gate('users', 2);
  let freeAt = 0;
  const work = (): Promise<void> => {
    freeAt = Math.max(performance.now(), freeAt) + 1;
    return new Promise((resolve) => setTimeout(resolve, freeAt - performance.now()));
  };
  const ask = async (seen: Seen[]): Promise<void> => {
    const at = performance.now();
    let waitedMs: number | undefined;
    const done = gate.pass({ kind: 'GET a', priority: 'normal' }, async () => {
      waitedMs = performance.now() - at;
      await work();
    });
    await done.catch(() => undefined);
    seen.push({ waitedMs: waitedMs ?? 0, isAdmitted: waitedMs !== undefined });
  };
  const random = new Random(1);
  /** With gaps of every length, so that the line empties now and then. */
  const load = async (perMs: number, forMs: number): Promise<readonly Seen[]> => {
    const seen: Seen[] = [];
    const until = performance.now() + forMs;
    while (performance.now() < until) {
      void ask(seen);
      await vi.advanceTimersByTimeAsync(random.exponential(1 / perMs));
    }
    return seen;
  };
  return { load };
};

const longest = (seen: readonly Seen[]): number =>
  Math.max(...seen.filter(({ isAdmitted }) => isAdmitted).map(({ waitedMs }) => waitedMs));

test('under overload nobody is let in who has waited far longer than an answer takes [D12]', async () => {
  const { load } = startWorker();
  await load(0.3, 2_000);
  await load(3, 500);
  const seen = await load(3, 4_000);
  expect(seen.filter(({ isAdmitted }) => isAdmitted).length).toBeGreaterThan(3_500);
  expect(longest(seen)).toBeLessThan(12);
});

test('after an overload a burst may wait again', async () => {
  const { load } = startWorker();
  await load(0.3, 2_000);
  await load(3, 2_000);
  await load(0.3, 1_000);
  const burst = await load(20, 2);
  await vi.advanceTimersByTimeAsync(100);
  expect(burst.length).toBeGreaterThan(20);
  expect(burst.filter(({ isAdmitted }) => !isAdmitted)).toEqual([]);
});

test('after a silence a burst may wait, whatever was before', async () => {
  const { load } = startWorker();
  await load(0.3, 2_000);
  await load(3, 2_000);
  await vi.advanceTimersByTimeAsync(2_000);
  const burst = await load(20, 2);
  await vi.advanceTimersByTimeAsync(100);
  expect(burst.length).toBeGreaterThan(20);
  expect(burst.filter(({ isAdmitted }) => !isAdmitted)).toEqual([]);
});
