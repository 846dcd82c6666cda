import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CallHandler } from '../../src/sdk/rpc/calls.ts';
import { answer, callerOf } from '../helpers/rpc.ts';

/** Two that answer at once, but the first of them is late when `isLate` says so. */
const pair = async (isLate: (number: number) => boolean) => {
  const counts = { late: 0, other: 0 };
  const late: CallHandler = async () => {
    counts.late += 1;
    if (isLate(counts.late)) await after(200);
  };
  const first = await answer(late);
  const second = await answer(async () => {
    counts.other += 1;
  });
  const { call, [Symbol.dispose]: close } = callerOf([first, second]);
  return {
    counts,
    ask: async (times: number): Promise<number> => {
      const before = counts.late;
      for (let count = 0; count < times; count += 1) await call('getUser');
      return counts.late - before;
    },
    call,
    [Symbol.asyncDispose]: async () => {
      close();
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
};

describe('a caller that asks one thing after the other', () => {
  test('goes on asking a worker whose first answer alone was slow', async () => {
    const seldomAsked = async (): Promise<number> => {
      await using both = await pair((number) => number === 1);
      await both.ask(500);
      return Math.min(both.counts.late, both.counts.other);
    };
    // On a busy machine one of them may be slow for another reason as well.
    await expect.poll(seldomAsked).toBeGreaterThan(25);
  });

  test('asks a worker again that was slow once, when some time has gone by', async () => {
    let isLate = false;
    await using both = await pair(() => isLate);
    await both.ask(100);
    isLate = true;
    const { late } = both.counts;
    while (both.counts.late === late) await both.call('getUser');
    isLate = false;
    expect(await both.ask(100)).toBeLessThan(25);
    await expect.poll(() => both.ask(500)).toBeGreaterThan(25);
  });

  test('seldom asks a worker that is slow each time', async () => {
    await using both = await pair(() => true);
    expect(await both.ask(500)).toBeLessThan(5);
  });

  test('seldom asks a worker that does not answer in time', async () => {
    await using mute = await answer(() => new Promise(() => undefined));
    await using other = await answer(async () => 'answered');
    using caller = callerOf([mute, other]);
    let failed = 0;
    for (let count = 0; count < 50; count += 1) {
      await caller.call('getUser', { deadlineMs: 20 }).catch(() => {
        failed += 1;
      });
    }
    expect(failed).toBeLessThan(4);
  });
});
