import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { failureOf } from '../../src/sdk/rpc/calling/remote.ts';
import type { OutboundCall } from '../../src/sdk/rpc/calls.ts';
import { Cancellation } from '../../src/sdk/rpc/cancellation.ts';
import { callerOf } from '../helpers/rpc.ts';

/** Another machine, as far as this one can tell. */
const listen = async (answer: RequestListener) => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const billing = (address: string) => {
  const { caller, [Symbol.dispose]: dispose } = callerOf([]);
  caller.update({ generation: 1, services: {}, remotes: [{ name: 'billing', address }] });
  return {
    call: (method: string, change: Partial<OutboundCall> = {}) =>
      caller.call({
        kind: 'call',
        service: 'billing',
        method,
        args: [1, 'a'],
        from: 'x',
        ...change,
      }),
    [Symbol.dispose]: dispose,
  };
};

test('a remote service is asked over HTTP, with the headers of the call', async () => {
  await using remote = await listen(async (request, response) => {
    const { url, method, headers } = request;
    const args = await json(request);
    response.end(JSON.stringify({ url, method, args, plan: headers['x-plan'] }));
  });
  using caller = billing(remote.address);
  const carried = { hops: 1, headers: { 'x-plan': 'gold' } };
  expect(await caller.call('charge', { carried })).toEqual({
    url: '/__forge/call/billing.charge',
    method: 'POST',
    args: [1, 'a'],
    plan: 'gold',
  });
});

test('arguments go to a remote service as to another worker, or not at all', async () => {
  await using remote = await listen(async (request, response) => {
    response.end(JSON.stringify(await json(request)));
  });
  using caller = billing(remote.address);
  const args = [new Map([['tea', 2]]), new Float64Array([1.5]), new Date(0)];
  expect(await caller.call('charge', { args })).toEqual([
    { tea: 2 },
    [1.5],
    '1970-01-01T00:00:00.000Z',
  ]);
  const itself: unknown[] = [];
  itself.push(itself);
  const items = (async function* () {})();
  for (const refused of [1n, new Set([1]), Promise.resolve(1), itself, items]) {
    await expect(caller.call('charge', { args: [refused] })).rejects.toMatchObject({
      code: 'PAYLOAD_REFUSED',
    });
  }
});

test('what a remote service says is taken within bounds only', async () => {
  const answers: Readonly<Record<string, string>> = {
    deep: '['.repeat(10_000) + ']'.repeat(10_000),
    keys: JSON.stringify(Object.fromEntries(Array.from({ length: 70_000 }, (_, key) => [key, 1]))),
    prototype: '{"__proto__": {"admin": true}}',
    broken: '{"a":',
    long: JSON.stringify('x'.repeat(9 * 2 ** 20)),
  };
  await using remote = await listen((request, response) => {
    response.end(answers[request.url?.split('.').at(-1) ?? '']);
  });
  using caller = billing(remote.address);
  for (const method of Object.keys(answers)) {
    await expect(caller.call(method)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  }
  expect({}).not.toHaveProperty('admin');
});

test('an error of a remote service keeps its code, and one of somebody in between has none', async () => {
  await using remote = await listen((request, response) => {
    const isOwn = request.url?.endsWith('.own') === true;
    const error = { code: 'SOLD_OUT', message: 'no tea' };
    response.writeHead(isOwn ? 409 : 502).end(isOwn ? JSON.stringify({ error }) : '<h1>502</h1>');
  });
  using caller = billing(remote.address);
  await expect(caller.call('own')).rejects.toMatchObject({
    ...{ code: 'SOLD_OUT', message: 'no tea', httpStatus: 409 },
  });
  await expect(caller.call('between')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a remote service cannot send its callers elsewhere', async () => {
  const visits: unknown[] = [];
  await using inside = await listen((request, response) => {
    visits.push(request.url);
    response.end('"secret"');
  });
  await using remote = await listen((request, response) => {
    const status = Number(request.url?.split('.').at(-1)?.slice(1));
    response.writeHead(status, { location: `${inside.address}/metadata` }).end();
  });
  using caller = billing(remote.address);
  for (const status of [301, 302, 303, 307, 308]) {
    await expect(caller.call(`s${status}`)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`said ${status}`),
    });
  }
  expect(visits).toEqual([]);
});

test('a remote service that does not answer is given up at the deadline, or when nobody waits', async () => {
  const gone = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using remote = await listen((request, response) => {
    response.on('close', () => gone.resolve());
    if (request.url?.endsWith('.hang')) asked.resolve();
  });
  using caller = billing(remote.address);
  await expect(caller.call('late', { deadlineMs: 20 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  const cancellation = new Cancellation();
  const call = expect(caller.call('hang', { cancellation })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  await asked.promise;
  cancellation.cancel();
  await call;
  await gone.promise;
});

test('a remote service that nobody listens for surely ran nothing, and is tried again', async () => {
  const { address, [Symbol.asyncDispose]: close } = await listen(() => undefined);
  await close();
  let refused = 0;
  const count = (message: unknown): void => {
    const { connectParams } = message as { readonly connectParams: { readonly port: string } };
    if (address.endsWith(`:${connectParams.port}`)) refused += 1;
  };
  subscribe('undici:client:connectError', count);
  using caller = billing(address);
  await expect(caller.call('charge')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('ECONNREFUSED'),
    facts: { executed: 'no' },
  });
  expect(refused).toBe(3);
  await caller.call('charge', { retries: 0 }).catch(() => undefined);
  expect(refused).toBe(4);
  unsubscribe('undici:client:connectError', count);
});

test('a remote service that hangs up may have run, and is not tried again', async () => {
  let asked = 0;
  await using remote = await listen((request) => {
    asked += 1;
    request.socket.destroy();
  });
  using caller = billing(remote.address);
  await expect(caller.call('charge')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('UND_ERR_SOCKET'),
    facts: { executed: 'maybe' },
  });
  expect(asked).toBe(1);
});

const reason = (code: string, syscall?: string): Error =>
  Object.assign(new Error('why'), { code, ...(syscall === undefined ? {} : { syscall }) });

test.each([
  ['refuses', reason('ECONNREFUSED', 'connect'), 'no'],
  ['has no address', reason('ENOTFOUND', 'getaddrinfo'), 'no'],
  ['has none for now', reason('EAI_AGAIN', 'getaddrinfo'), 'no'],
  ['cannot be reached', reason('EHOSTUNREACH', 'connect'), 'no'],
  ['does not take the connection', reason('UND_ERR_CONNECT_TIMEOUT'), 'no'],
  [
    'refuses at each of its addresses',
    new AggregateError([reason('ECONNREFUSED', 'connect'), reason('ETIMEDOUT', 'connect')]),
    'no',
  ],
  ['breaks off', reason('ECONNRESET', 'read'), 'maybe'],
  ['falls silent', reason('ETIMEDOUT', 'read'), 'maybe'],
  ['says what is no HTTP', reason('HPE_INVALID_CONSTANT'), 'maybe'],
  ['fails for no reason', undefined, 'maybe'],
])('of a remote service that %s it is said whether it may have run', (_how, cause, executed) => {
  const way = {
    ...{ target: 'billing.charge', timeoutMs: 1_000 },
    remote: { name: 'billing', address: 'http://billing' },
  };
  const failure = failureOf(new TypeError('fetch failed', { cause }), way);
  expect(failure).toMatchObject({ code: 'UNAVAILABLE', facts: { executed } });
});
