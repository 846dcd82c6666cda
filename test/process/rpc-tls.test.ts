import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { tlsServer } from '../../src/sdk/rpc/mutual-tls.ts';
import { serveRpcOn } from '../../src/sdk/rpc/server.ts';
import { makeIdentities } from '../helpers/identities.ts';

test('over TLS nobody without a certificate of the same authority reaches a handler', async () => {
  const [callee] = makeIdentities('callee');
  const [stranger] = makeIdentities('caller');
  if (callee === undefined || stranger === undefined) throw new Error('no identities');
  let calls = 0;
  const server = await serveRpcOn((serve) => tlsServer(callee, serve), {
    listen: { host: '127.0.0.1', port: 0 },
    handler: () => {
      calls += 1;
    },
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const place = { host: '127.0.0.1', port, servername: 'callee', ca: callee.ca };

  for (const identity of [{}, { key: stranger.key, cert: stranger.cert }]) {
    const socket = connect({ ...place, ...identity });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined).resume();
    await closed;
  }
  const fooled = connect({ ...place, ca: stranger.ca });
  const [error] = await once(fooled, 'error');
  expect(error).toMatchObject({ message: expect.stringContaining('certificate') });
  expect(calls).toBe(0);
  await server.close();
});
