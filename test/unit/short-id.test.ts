import { expect, test } from 'vitest';
import { idMeant } from '../../src/protocol/short-id.ts';

const known = ['395b2742-b4b4', '395b0001-c4c4', 'r-7f3a', 'r-7f3a1', 'undo-04f1'];

test.each([
  ['395b2', '395b2742-b4b4'],
  ['undo-0', 'undo-04f1'],
  // One that is there whole is meant, whatever else begins with it.
  ['r-7f3a', 'r-7f3a'],
  ['b4b4', undefined],
  ['r-', undefined],
  ['', undefined],
])('by %j the id %s is meant', (typed, meant) => {
  expect(idMeant(typed, known)).toBe(meant);
});

test('the beginning of several ids is refused with all that it may be', () => {
  expect(() => idMeant('395b', known)).toThrow(
    expect.objectContaining({
      code: 'AMBIGUOUS_ID',
      message: '395b is the beginning of 2 ids',
      remedy: 'Write more of the one that is meant: 395b2742-b4b4, 395b0001-c4c4.',
    }),
  );
});
