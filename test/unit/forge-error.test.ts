import { expect, test } from 'vitest';
import { ForgeError, fromErrorData, toErrorData } from '../../src/protocol/forge-error.ts';

const data = {
  code: 'NOT_FOUND',
  message: 'There is no user 7',
  remedy: 'Ask for another one.',
  exitCode: 1,
} as const;

test('an error of another process names no frames of this one, and the next one of this does', () => {
  expect(fromErrorData(data).stack).not.toMatch(/\n\s+at /);
  expect(new ForgeError(data).stack).toMatch(/\n\s+at /);
});

test('what is thrown as an error, but is an object of another kind, says what it says', () => {
  expect(toErrorData({ code: 'NO_BANK', message: 'the bank is closed' })).toMatchObject({
    code: 'NO_BANK',
    message: 'the bank is closed',
  });
});
