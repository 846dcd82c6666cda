import { expect, test } from 'vitest';
import { moment, pattern } from '../../src/cli/arguments.ts';
import { logText } from '../../src/cli/logs/log-text.ts';

const own = {
  time: '2026-11-22T10:00:00.000Z',
  level: 'warn',
  service: 'users',
  worker: 'main#1',
  msg: 'hello',
};

const shown = (line: string, fields: object = {}): string =>
  logText({ time: own.time, service: 'users', worker: '_isolated:users#1', line, ...fields });

test('a line is shown with its time, its worker, its level and its fields', () => {
  const line = JSON.stringify({ ...own, id: 7, path: '/a', why: 'no room' });
  expect(shown(line, { worker: 'main#1', level: 'warn' })).toBe(
    '2026-11-22T10:00:00.000Z  main#1/users  warn   hello id=7 path=/a why="no room"\n',
  );
  expect(shown('in plain text')).toBe('2026-11-22T10:00:00.000Z  users#1         in plain text\n');
});

test('the stack of an error, and of its cause, is shown line by line below', () => {
  const cause = {
    name: 'Error',
    message: 'no route',
    stack: 'Error: no route\n    at dial (a.js:1)',
  };
  const error = {
    name: 'TypeError',
    message: 'fetch failed',
    code: 'E1',
    stack: 'TypeError: fetch failed\n    at get (b.js:2)',
    cause,
    errors: [cause],
  };
  const line = JSON.stringify({ ...own, msg: 'no answer', id: 7, error });
  expect(shown(line, { worker: 'main#1', level: 'error' }).split('\n').slice(0, -1)).toEqual([
    '2026-11-22T10:00:00.000Z  main#1/users  error  no answer id=7 error="fetch failed" error.code=E1',
    '    TypeError: fetch failed',
    '        at get (b.js:2)',
    '    caused by Error: no route',
    '        at dial (a.js:1)',
    '    caused by Error: no route',
    '        at dial (a.js:1)',
  ]);
});

test('what could steer a terminal, or pass for another line, is not shown [C8]', () => {
  const evil = '\u001b[2J\u001b]0;title\u0007red\u0008\u0000\u202e\u009b1m\tend\r';
  expect(shown(evil)).toBe('2026-11-22T10:00:00.000Z  users#1         red\tend\n');
  const line = JSON.stringify({ ...own, msg: `two\nlines${evil}` });
  const text = shown(line, { worker: 'main#1' });
  expect(text).toContain('two\n    linesred\tend');
  expect(text.split('\n')).toHaveLength(3);
});

test('a time is a time ago or a moment; anything else is refused', () => {
  expect(moment('2026-11-22T10:00Z')).toBe(Date.UTC(2026, 10, 22, 10));
  const tenMinutesAgo = moment('10m');
  expect(Date.now() - tenMinutesAgo).toBeGreaterThanOrEqual(600_000);
  for (const wrong of ['yesterday', '', '-5m', '5 apples']) {
    expect(() => moment(wrong)).toThrow('Write a time');
  }
});

test('a regular expression that cannot be read is refused with the reason', () => {
  expect(pattern('a|b').test('b')).toBe(true);
  expect(() => pattern('(')).toThrow('Unterminated group');
});
