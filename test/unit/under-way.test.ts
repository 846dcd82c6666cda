import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Crowd, type Member, nowhere } from '../../src/sdk/rpc/under-way/crowd.ts';
import { type Item, Numbered } from '../../src/sdk/rpc/under-way/numbered.ts';
import { seed } from '../helpers/seed.ts';

/** Somebody comes, or somebody of those who are there goes. */
const steps = fc.array(fc.oneof(fc.constant('in' as const), fc.nat(1_000)), { maxLength: 400 });

const newcomer = (): Item & Member => ({ id: 0, place: nowhere });

/** Does the same with a list, and tells who is in it after each step. */
const follow = (
  moves: readonly ('in' | number)[],
  ends: { come: (one: Item & Member) => void; go: (one: Item & Member) => void },
  check: (there: readonly (Item & Member)[]) => void,
): void => {
  const there: (Item & Member)[] = [];
  for (const move of moves) {
    if (move === 'in') {
      const one = newcomer();
      ends.come(one);
      there.push(one);
    } else if (there.length > 0) {
      const [one] = there.splice(move % there.length, 1);
      if (one !== undefined) ends.go(one);
    }
    check(there);
  }
};

describe('a crowd', () => {
  test('holds who came and has not gone', () => {
    fc.assert(
      fc.property(steps, (moves) => {
        const crowd = new Crowd<Item & Member>();
        follow(
          moves,
          { come: (one) => crowd.add(one), go: (one) => expect(crowd.delete(one)).toBe(true) },
          (there) => {
            expect(crowd.size).toBe(there.length);
            expect(new Set(crowd.list())).toEqual(new Set(there));
            expect(there.every((one) => crowd.has(one))).toBe(true);
          },
        );
      }),
      { seed, numRuns: 50 },
    );
  });

  test('has nobody twice', () => {
    const crowd = new Crowd<Member>();
    const [one, other] = [newcomer(), newcomer()];
    for (const each of [one, other, one]) crowd.add(each);
    expect(crowd.list()).toEqual([one, other]);
    expect([crowd.delete(one), crowd.size, crowd.has(one)]).toEqual([true, 1, false]);
  });

  test('lets nobody go twice, nor out of another one', () => {
    const [ours, theirs] = [new Crowd<Member>(), new Crowd<Member>()];
    const [one, other] = [newcomer(), newcomer()];
    ours.add(one);
    theirs.add(other);
    expect(ours.delete(other)).toBe(false);
    expect([ours.delete(one), ours.delete(one)]).toEqual([true, false]);
    expect([ours.size, theirs.size]).toEqual([0, 1]);
    expect(theirs.find((each) => each === other)).toBe(other);
    expect(ours.find(() => true)).toBeUndefined();
  });
});

describe('numbers', () => {
  test('each finds its own item, as long as that is there', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 2 ** 31 - 5, 2 ** 32 - 5), (moves, first) => {
        const numbered = new Numbered<Item & Member>(first);
        const given: number[] = [];
        follow(
          moves,
          {
            come: (one) => given.push(numbered.add(one)),
            go: (one) => {
              const { id } = one;
              expect(numbered.take(id)).toBe(one);
              expect(numbered.take(id)).toBeUndefined();
            },
          },
          (there) => {
            expect(numbered.size).toBe(there.length);
            expect(new Set(numbered.list())).toEqual(new Set(there));
          },
        );
        expect(new Set(given).size).toBe(given.length);
        expect(given.every((id) => id > 0 && id < 2 ** 32)).toBe(true);
      }),
      { seed, numRuns: 50 },
    );
  });

  test('are not given again while others come and go beside one that stays', () => {
    const numbered = new Numbered<Item>();
    const stays = { id: 0 };
    const own = numbered.add(stays);
    for (let times = 0; times < 10_000; times += 1) {
      const id = numbered.add({ id: 0 });
      expect(id).not.toBe(own);
      expect(numbered.take(id)?.id).toBe(id);
    }
    expect(numbered.take(own)).toBe(stays);
  });
});
