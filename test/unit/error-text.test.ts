import { expect, test } from 'vitest';
import { errorText } from '../../src/sdk/channel/error-text.ts';
import { exitReason } from '../../src/supervisor/process/exit-reason.ts';

/** Without the frames, which are those of this test. */
const linesOf = (error: unknown): readonly string[] =>
  errorText(error)
    .split('\n')
    .filter((line) => !/^\s+at /.test(line));

test('what an error was caused by is in the log, with codes, down to the first cause', () => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const query = new Error('no connection', { cause: refused });
  expect(linesOf(new TypeError('no order 7', { cause: query }))).toEqual([
    'TypeError: no order 7',
    '  caused by: Error: no connection',
    '    caused by: [ECONNREFUSED] Error: refused',
  ]);
});

test('each of the errors that one stands for is in the log, and so is what is no error', () => {
  const both = new AggregateError([new Error('first'), 'second'], 'nobody answered');
  expect(linesOf(both)).toEqual([
    'AggregateError: nobody answered',
    '  one of its errors: Error: first',
    '  one of its errors: second',
  ]);
  expect(linesOf('text')).toEqual(['text']);
});

test('a chain without an end, and thousands of errors, fill no log', () => {
  const circle: Error = new Error('circle');
  circle.cause = new Error('inner', { cause: circle });
  expect(linesOf(circle)).toEqual(['Error: circle', '  caused by: Error: inner']);
  const many = Array.from({ length: 5_000 }, (_, index) => new Error(`number ${index}`));
  expect(linesOf(new AggregateError(many, 'many')).length).toBeLessThan(12);
});

test('an error that throws when its cause is asked for is logged all the same', () => {
  const hostile = Object.defineProperty(new Error('hostile'), 'cause', {
    get: () => {
      throw new Error('looked at');
    },
  });
  expect(linesOf(hostile)).toEqual(['Error: hostile']);
});

test('why a worker ended is the error that it died of, and not what caused it', () => {
  const cause = new Error('no database');
  const error = Object.assign(new Error('no pool', { cause }), { code: 'NO_POOL' });
  expect(exitReason({ code: 1, output: `${errorText(error)}\n` })).toBe(
    'exit code 1: [NO_POOL] Error: no pool',
  );
});
