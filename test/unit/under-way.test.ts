import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Called, CalledTable } from '../../src/sdk/rpc/under-way/called.ts';
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
    expect(theirs.list()).toEqual([other]);
    expect(ours.list()).toEqual([]);
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

class Call implements Called<Call> {
  readonly id: number;
  behind: Call | undefined = undefined;
  isListed = false;

  constructor(id: number) {
    this.id = id;
  }
}

const called = (id: number): Call => new Call(id);

describe('calls that a peer has numbered', () => {
  test('are found by their numbers, as long as they are there', () => {
    /** Some of them far apart, and some that have one place. */
    const ids = fc.oneof(
      fc.nat(300),
      fc.nat(20).map((times) => times * 1_024 + 7),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(ids, { maxLength: 300 }),
        fc.infiniteStream(fc.boolean()),
        (all, stay) => {
          const table = new CalledTable<Call>();
          const calls = all.map(called);
          for (const call of [...calls, ...calls]) table.add(call);
          expect(calls.every((call) => table.find(call.id) === call)).toBe(true);

          const there = calls.filter((call) => stay.next().value === true || !table.delete(call));
          const gone = calls.filter((call) => !there.includes(call));

          expect(there.every((call) => table.find(call.id) === call)).toBe(true);
          expect(gone.every((call) => table.find(call.id) === undefined)).toBe(true);
          expect(gone.some((call) => table.delete(call) || call.behind !== undefined)).toBe(false);
          expect(table.size).toBe(there.length);
          expect(new Set(table.list())).toEqual(new Set(there));
        },
      ),
      { seed, numRuns: 50 },
    );
  });

  test('lets nobody go out of another table', () => {
    const [ours, theirs] = [new CalledTable<Call>(), new CalledTable<Call>()];
    const [one, other] = [called(7), called(7)];
    ours.add(one);
    theirs.add(other);
    expect([ours.delete(other), theirs.find(7), ours.size]).toEqual([false, other, 1]);
  });

  test('of two with one number the last is found, also when more have come', () => {
    const table = new CalledTable<Call>();
    const [first, last] = [called(7), called(7)];
    for (const call of [first, last]) table.add(call);
    for (let id = 100; id < 1_000; id += 1) table.add(called(id));
    expect(table.find(7)).toBe(last);
    table.delete(last);
    expect(table.find(7)).toBe(first);
  });
});
