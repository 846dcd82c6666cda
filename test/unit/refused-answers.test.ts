import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  emptyFrame,
  encodeFrame,
  frameTypes,
  maxFrameBytes,
} from '../../src/protocol/rpc/frame.ts';
import { contractOf, methodSchemas } from '../../src/sdk/contract.ts';
import { now } from '../../src/sdk/rpc/calls.ts';
import { Speakers } from '../../src/sdk/rpc/identity/speakers.ts';
import { answeredBy } from '../../src/sdk/rpc/refused-answers.ts';
import { Throttle } from '../../src/sdk/rpc/throttle.ts';
import { receiveFrames } from '../../src/sdk/rpc/wire/intake.ts';
import { Service } from '../../src/sdk/service.ts';
import { answerCalls } from '../../src/sdk/worker/answer-calls.ts';
import { Hosted } from '../../src/sdk/worker/hosted.ts';
import { LocalCalls } from '../../src/sdk/worker/local-calls.ts';
import { quietLog } from '../helpers/quiet-log.ts';
import { callerOf, temporaryFolder } from '../helpers/rpc.ts';

class Users extends Service {
  static readonly contract = {
    expose: {
      ...{ get: { output: z.object({ name: z.literal('Ada') }) }, roles: {}, later: {}, large: {} },
    },
    routes: [{ method: 'GET', path: '/users/:id', handler: 'show' }],
  } as const;

  get(): unknown {
    return { name: 'the secret' };
  }

  roles(): unknown {
    return { roles: new Set(['the secret']) };
  }

  async later(): Promise<unknown> {
    return this.roles();
  }

  large(): unknown {
    return 'x'.repeat(maxFrameBytes);
  }

  show(): unknown {
    return this.roles();
  }
}

type Line = Readonly<Record<string, unknown>>;

/** The service, and what its log has as errors. */
const start = (): { readonly users: Hosted; readonly lines: Line[] } => {
  const lines: Line[] = [];
  const error = (msg: string, fields: object = {}): void => void lines.push({ msg, ...fields });
  const users = new Hosted({
    name: 'users',
    service: new Users(),
    contract: contractOf('users', Users),
    schemas: methodSchemas(Users),
    log: { ...quietLog, error },
  });
  return { users, lines };
};

const asked = { service: 'users', args: [], from: 'orders' } as const;
const noData = {
  code: 'PAYLOAD_REFUSED',
  reason: 'What was sent holds a Set',
  remedy: expect.stringContaining('plain data'),
};

test.for([
  ['call', 'get', 'users.get', { code: 'OUTPUT_INVALID', reason: expect.stringContaining('name') }],
  ['call', 'roles', 'users.roles', noData],
  ['call', 'later', 'users.later', noData],
  ['route', 'show', 'GET /users/:id', noData],
] as const)(
  'an answer to a %s of %s that is not given out has a line in the log, without what it holds',
  async ([kind, method, route, line]) => {
    const { users, lines } = start();
    const calls = new LocalCalls();
    const { code } = line;
    await expect(calls.call(users, { kind, method, ...asked }, now())).rejects.toMatchObject({
      code,
    });
    expect(lines).toMatchObject([{ msg: `The answer of ${route} is refused`, route, ...line }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    calls.close();
  },
);

test('too large an answer for another process has one where it was given', async () => {
  const { users, lines } = start();
  using folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  const speakers = new Speakers(path);
  // As a supervisor of an earlier version has it: everybody is believed.
  speakers.update({});
  const server = await answerCalls(path, new Map([['users', users]]), speakers);
  const refused: unknown[] = [];
  using caller = callerOf([{ path, [Symbol.asyncDispose]: () => server.close() }], {
    refused: (call, error) => refused.push(answeredBy(call, users.contract), error),
  });
  const code = 'MESSAGE_TOO_LARGE';
  await expect(caller.call('large')).rejects.toMatchObject({ code });
  expect(lines).toMatchObject([{ route: 'users.large', code }]);
  expect(refused).toEqual([]);
  caller[Symbol.dispose]();
  await server.close();
});

test('an answer that is no data, of a process that does not look at what it gives, is told to who asked for it', async () => {
  const { users, lines } = start();
  const refused: unknown[] = [];
  using folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  // A Set of one text.
  const payload = Buffer.from([0xd4, 0x73, 0, 0x91, 0xa1, 0x78]);
  const server = createServer((socket) =>
    receiveFrames(socket, ({ type, id }) => {
      if (type === frameTypes.call) socket.write(encodeFrame({ ...emptyFrame, id, payload }));
    }),
  ).listen(path);
  await once(server, 'listening');
  using caller = callerOf([{ path, [Symbol.asyncDispose]: async () => undefined }], {
    refused: (call, error) => refused.push(answeredBy(call, users.contract), error),
  });
  const { code } = noData;
  await expect(caller.call('roles')).rejects.toMatchObject({ code });
  expect(refused).toMatchObject(['users.roles', { code }]);
  expect(lines).toEqual([]);
  server.close();
});

test('an answer of a service that this one has asked is the business of that one', () => {
  const { users, lines } = start();
  users.service.onRequest = () => {
    throw Object.assign(new Error('no'), { code: 'OUTPUT_INVALID' });
  };
  const calls = new LocalCalls();
  const call = { kind: 'request', method: '', ...asked } as const;
  const answer = calls.call(users, call, now());
  calls.close();
  return expect(answer)
    .rejects.toMatchObject({ code: 'OUTPUT_INVALID' })
    .then(() => expect(lines).toEqual([]));
});

test('what comes again and again is said once a second, and how often it was not said', () => {
  const seldom = new Throttle();
  expect([0, 1, 999].map((at) => seldom.say('a', at))).toEqual([0, undefined, undefined]);
  expect(seldom.say('b', 999)).toBe(0);
  expect([1_000, 1_001, 2_000].map((at) => seldom.say('a', at))).toEqual([2, undefined, 1]);
});
