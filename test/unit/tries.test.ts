import { describe, expect, test } from 'vitest';
import { unavailable } from '../../src/protocol/errors.ts';
import { RetryBudget } from '../../src/sdk/rpc/calling/retry-budget.ts';
import { executedOf, type Task, Tries } from '../../src/sdk/rpc/calling/tries.ts';
import { now } from '../../src/sdk/rpc/calls.ts';

type Taker = { readonly name: string; isGone: boolean };

const taker = (name: string): Taker => ({ name, isGone: false });

const taskFor = (
  takers: readonly Taker[],
  send: (taker: Taker) => Promise<unknown>,
): Task<Taker> => ({
  target: 'users',
  deadlineAt: now() + 10_000,
  find: () => takers.find(({ isGone }) => !isGone),
  send,
  mayRepeat: (error) => executedOf(error) === 'maybe',
});

const tries = (patienceMs = 5_000, mostWaiting = 10): Tries =>
  new Tries({ patienceMs, mostWaiting });

describe('a request', () => {
  test('goes past everyone who is gone, however many they are', async () => {
    const takers = ['a', 'b', 'c', 'd', 'e'].map(taker);
    const task = taskFor(takers, async (each) => {
      if (each.name === 'e') return 'done';
      each.isGone = true;
      throw unavailable('users', 'no', 'refused');
    });
    expect(await tries().run(task)).toBe('done');
  });

  test('that may run twice is tried three times in all', async () => {
    let attempts = 0;
    const task = taskFor([taker('a')], async () => {
      attempts += 1;
      throw unavailable('users', 'maybe', 'its process ended');
    });
    await expect(tries().run(task)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(attempts).toBe(3);
  });

  test('that was answered, if with an error, is not tried again', async () => {
    let attempts = 0;
    const task = taskFor([taker('a')], async () => {
      attempts += 1;
      throw Object.assign(new Error('no such user'), { code: 'NOT_FOUND' });
    });
    await expect(tries().run(task)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(attempts).toBe(1);
  });

  test('that nobody can take waits until somebody can', async () => {
    const takers: Taker[] = [];
    const pool = tries();
    const asked = pool.run(taskFor(takers, async ({ name }) => name));
    pool.lookAgain();
    takers.push(taker('a'));
    pool.lookAgain();
    expect(await asked).toBe('a');
  });

  test('waits only so long, and only where there is room', async () => {
    const task = taskFor([], async () => 'never');
    await expect(tries(10).run(task)).rejects.toMatchObject({ facts: { executed: 'no' } });
    const full = tries(5_000, 0);
    await expect(full.run(task)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

test('retries are a fifth of the requests, and some to begin with', () => {
  const budget = new RetryBudget();
  let spent = 0;
  while (budget.spend()) spent += 1;
  expect(spent).toBe(20);
  for (let request = 0; request < 51; request += 1) budget.earn();
  while (budget.spend()) spent += 1;
  expect(spent).toBe(30);
});
