import { expect, test } from 'vitest';
import { ms } from '../../src/protocol/units.ts';
import { type Keyed, Once } from '../../src/sdk/front/once.ts';

const keyed = (place: string, forMs = 1_000): Keyed => ({
  place,
  print: '',
  forMs: ms(forMs),
  along: {},
});

/** Counts what runs; each answers with so many characters. */
const counting = (most?: number) => {
  const clock = { at: 0 };
  const requests = new Once(most, () => clock.at);
  const response = { headersSent: false, setHeader: () => undefined };
  let ran = 0;
  const ask = (of: Keyed, length = 10): Promise<unknown> =>
    requests.ask(of, {
      // Of an answer nothing else is used.
      response: response as never,
      work: async () => {
        ran += 1;
        return 'x'.repeat(length);
      },
    });
  return { clock, ask, ran: () => ran };
};

test('a key is forgotten when its time is over', async () => {
  const { clock, ask, ran } = counting();
  await ask(keyed('a'));
  clock.at = 999;
  await ask(keyed('a'));
  expect(ran()).toBe(1);
  clock.at = 1_000;
  await ask(keyed('a'));
  expect(ran()).toBe(2);
});

test('with more answers than there is room for the oldest are forgotten', async () => {
  const { ask, ran } = counting(10_000);
  for (let index = 0; index < 100; index += 1) await ask(keyed(`${index}`), 600);
  expect(ran()).toBe(100);
  for (let index = 91; index < 100; index += 1) await ask(keyed(`${index}`), 600);
  expect(ran()).toBe(100);
  await ask(keyed('90'), 600);
  expect(ran()).toBe(101);
});

test('what was forgotten leaves its room to others', async () => {
  const { clock, ask, ran } = counting(10_000);
  for (let turn = 0; turn < 50; turn += 1) {
    clock.at = turn * 1_000;
    for (const place of ['a', 'b', 'c', 'd']) await ask(keyed(place), 600);
  }
  expect(ran()).toBe(200);
  for (const place of ['a', 'b', 'c', 'd']) await ask(keyed(place), 600);
  expect(ran()).toBe(200);
});

test('an answer that takes more than its part of the room is not given again, nor runs again', async () => {
  const { ask, ran } = counting(10_000);
  await ask(keyed('small'));
  await ask(keyed('large'), 5_000);
  await expect(ask(keyed('large'), 5_000)).rejects.toMatchObject({ httpStatus: 409 });
  await ask(keyed('small'));
  expect(ran()).toBe(2);
});

test('an answer that is no JSON is left to who sends it, and is not kept', async () => {
  const requests = new Once();
  let ran = 0;
  const work = async (): Promise<unknown> => {
    ran += 1;
    return new Set([ran]);
  };
  // Of an answer nothing else is used.
  const response = { headersSent: false, setHeader: () => undefined } as never;

  expect(await requests.ask(keyed('a'), { work, response })).toEqual(new Set([1]));
  expect(await requests.ask(keyed('a'), { work, response })).toEqual(new Set([2]));
});
