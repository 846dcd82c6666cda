import { expect, test } from 'vitest';
import { recordText } from '../../src/sdk/channel/log-record.ts';

const own = { level: 'error', service: 'orders', msg: 'not paid' };
const written = (fields: object) => JSON.parse(recordText(own, fields));

const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
const unpaid = new TypeError('no order 7', { cause: refused });

test('an error among the fields is written with its message, code, stack and cause', () => {
  const { error, order, msg } = written({ order: 7, error: unpaid });
  expect([msg, order]).toEqual(['not paid', 7]);
  expect(error).toEqual({
    name: 'TypeError',
    message: 'no order 7',
    stack: unpaid.stack,
    cause: {
      name: 'Error',
      message: 'refused',
      code: 'ECONNREFUSED',
      syscall: 'connect',
      stack: refused.stack,
    },
  });
});

test('so is one deeper in the fields, and one in place of them', () => {
  expect(written({ tries: [{ error: refused }] }).tries[0].error.code).toBe('ECONNREFUSED');
  expect(written(refused).error.message).toBe('refused');
  const both = new AggregateError([refused, 'second'], 'nobody answered');
  expect(written({ both }).both.errors).toMatchObject([{ message: 'refused' }, 'second']);
});

test('what hangs on an error of an HTTP client fills no log, also if it says its own JSON', () => {
  const socket: { self?: object } = {};
  socket.self = socket;
  const failed = Object.assign(new Error('502'), { socket, status: 502, toJSON: () => ({}) });
  const { error } = written({ error: failed });
  expect(error).toEqual({ name: 'Error', message: '502', status: 502, stack: failed.stack });
});

test('a chain of causes without an end has one', () => {
  const circle = new Error('circle');
  circle.cause = new Error('inner', { cause: circle });
  expect(written({ circle }).circle.cause.cause).toBe('Error: circle');
  const long = Array.from({ length: 5_000 }).reduce<Error>(
    (cause, _, index) => new Error(`number ${index}`, { cause }),
    refused,
  );
  expect(recordText(own, { long }).length).toBeLessThan(50_000);
});

test.each([
  { fields: { id: 7n } },
  {
    fields: {
      get id() {
        throw new Error('looked at');
      },
    },
  },
])('fields that cannot be written make no call of the log fail', ({ fields }) => {
  expect(written(fields)).toMatchObject({ msg: 'not paid', unwritten: expect.any(String) });
});

test('no field pretends to be of another service', () => {
  expect(written({ service: 'users', error: refused }).service).toBe('orders');
});
