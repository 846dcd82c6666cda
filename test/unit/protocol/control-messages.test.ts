import { expect, test } from 'vitest';
import { decodeClientMessage } from '../../../src/protocol/control/schema.ts';

const actor = { uid: 1000, user: 'ada', tty: 'pts/1', origin: 'cli' };
const hello = { type: 'hello', version: 1, role: 'operator', actor };
const request = (method: string, params: unknown = {}, id: unknown = 1): object => ({
  type: 'request',
  id,
  method,
  params,
});
const scale = { kind: 'scale', service: 'users', workers: 2 };
const long = 'x'.repeat(2_001);

const good: readonly object[] = [
  hello,
  { ...hello, role: 'viewer', actor: { ...actor, tty: '' } },
  request('status'),
  request('advise'),
  request('actions'),
  request('actions', { since: 1_763_942_400_000 }),
  request('history', { from: 0, to: 1 }),
  request('history', { from: 0, to: 1, stepMs: 10_000, services: ['users'] }),
  request('recording', { from: 0, to: 1, after: 7 }),
  request('snapshot'),
  request('metrics'),
  request('subscribe', { everyMs: 1_000 }),
  request('wait', { timeoutMs: 0 }),
  request('plan', { request: scale }),
  request('plan', { recommendation: 'r-1' }),
  request('apply', { id: 'a-1', request: scale, why: '' }),
  request('apply', { id: 'a-1', request: { kind: 'split', service: 'users' }, why: 'busy' }),
  request('apply', {
    id: 'a-1',
    request: { kind: 'colocate', service: 'users', with: ['orders'] },
    why: 'both light',
  }),
  request('apply', {
    id: 'a-1',
    request: { kind: 'restart', service: 'users', worker: 'main#2' },
    why: '',
  }),
  request('slowest', { service: 'users' }),
  request('accept', { id: 'a-1', recommendation: 'r-1' }),
  request('accept', { id: 'a-1', recommendation: 'r-1', workers: 4 }),
  request('dismiss', { recommendation: 'r-1', why: 'known' }),
  request('undo'),
  request('undo', { action: 'a-1' }),
  request('stop', { timeoutMs: 30_000 }),
];

test.each(good)('%j is understood', (message) => {
  expect(decodeClientMessage(message)).toEqual(message);
});

const bad: readonly (readonly [string, object, string])[] = [
  ['nothing', {}, 'type'],
  ['an unknown type', { type: 'goodbye' }, 'type'],
  ['a hello without version', { ...hello, version: undefined }, 'version'],
  ['a hello of text', { ...hello, version: '1' }, 'version'],
  ['an unknown role', { ...hello, role: 'admin' }, 'role'],
  ['a hello of nobody', { type: 'hello', version: 1, role: 'viewer' }, 'actor'],
  ['an actor without uid', { ...hello, actor: { ...actor, uid: '0' } }, 'actor.uid'],
  ['an unknown origin', { ...hello, actor: { ...actor, origin: 'web' } }, 'actor.origin'],
  ['a user of endless name', { ...hello, actor: { ...actor, user: long } }, 'actor.user'],
  ['a request without id', { type: 'request', method: 'status', params: {} }, 'id'],
  ['a request with id 0', request('status', {}, 0), 'id'],
  ['a request with id 1.5', request('status', {}, 1.5), 'id'],
  ['a request with a text for id', request('status', {}, '1'), 'id'],
  ['a step that is not kept', request('history', { from: 0, to: 1, stepMs: 5 }), 'stepMs'],
  ['a period without end', request('recording', { from: 0 }), 'to'],
  ['an unknown method', request('shutdown'), 'method'],
  ['a method of Object', request('constructor'), 'method'],
  ['a method called __proto__', request('__proto__'), 'method'],
  ['a request without params', { type: 'request', id: 1, method: 'status' }, 'params'],
  ['params that are a list', request('status', []), 'params'],
  ['params that are null', request('status', null), 'params'],
  ['a subscription without pace', request('subscribe'), 'everyMs'],
  ['a negative pace', request('subscribe', { everyMs: -1 }), 'everyMs'],
  ['a wait for ever', request('wait', { timeoutMs: 3_600_001 }), 'timeoutMs'],
  ['a plan of nothing', request('plan'), ''],
  ['an apply without id', request('apply', { request: scale, why: '' }), 'id'],
  ['an apply with an empty id', request('apply', { id: '', request: scale, why: '' }), 'id'],
  ['an apply without why', request('apply', { id: 'a', request: scale }), 'why'],
  ['an endless why', request('apply', { id: 'a', request: scale, why: long }), 'why'],
  ['an unknown action', request('apply', applied({ kind: 'kill', service: 'a' })), 'request.kind'],
  ['no workers', request('apply', applied({ ...scale, workers: 0 })), 'request.workers'],
  ['half a worker', request('apply', applied({ ...scale, workers: 1.5 })), 'request.workers'],
  ['too many workers', request('apply', applied({ ...scale, workers: 1_001 })), 'request.workers'],
  ['a scale of nobody', request('apply', applied({ ...scale, service: '' })), 'request.service'],
  [
    'company that is no list',
    request('apply', applied({ ...scale, kind: 'colocate', with: 'orders' })),
    'request.with',
  ],
  [
    'company of numbers',
    request('apply', applied({ ...scale, kind: 'colocate', with: [1] })),
    'request.with.0',
  ],
  ['an accept of nothing', request('accept', { id: 'a-1' }), 'recommendation'],
  ['a dismissal without why', request('dismiss', { recommendation: 'r-1' }), 'why'],
  ['an undo of a number', request('undo', { action: 1 }), 'action'],
  ['a stop without limit', request('stop'), 'timeoutMs'],
];

test.each(bad)('%s is refused with the field that is wrong', (_name, message, field) => {
  expect(() => decodeClientMessage(message)).toThrow(
    expect.objectContaining({
      code: 'BAD_MESSAGE',
      message: expect.stringContaining(`cannot be read: ${field}`),
    }),
  );
});

test('what a message has too much is left out, and sets no prototype', () => {
  const message = decodeClientMessage(
    JSON.parse(
      '{"type":"request","id":1,"method":"undo","params":{"action":"a-1","__proto__":{"x":1}},"admin":true}',
    ),
  );
  expect(message).toEqual(request('undo', { action: 'a-1' }));
  expect(message).not.toHaveProperty('params.x');
});

function applied(change: object): object {
  return { id: 'a-1', request: change, why: '' };
}
