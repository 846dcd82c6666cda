import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readBody } from '../../../src/sdk/front/body.ts';

const megabyte = 1_024 * 1_024;

/** Sends so many bytes to a server that does this with them, and gives what came of it. */
const send = async <T>(bytes: number, use: (body: IncomingMessage) => Promise<T>): Promise<T> => {
  const done = Promise.withResolvers<T>();
  await using server = createServer((body, response) => {
    const used = use(body).finally(() => response.end());
    used.then(done.resolve, done.reject);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = request({ port, method: 'POST', agent: false });
  client.on('response', (answer) => answer.resume()).on('error', () => undefined);
  // Its length is not told beforehand.
  client.write(Buffer.alloc(bytes, 'x'));
  client.end();
  try {
    return await done.promise;
  } finally {
    server.closeAllConnections();
  }
};

test('others have their turn again and again while a large body comes in', async () => {
  const most = await send(16 * megabyte, async (body) => {
    let [inTurn, mostInTurn] = [0, 0];
    const turn = (): void => {
      mostInTurn = Math.max(mostInTurn, inTurn);
      inTurn = 0;
      turning = setImmediate(turn);
    };
    let turning = setImmediate(turn);
    body.on('data', ({ length }: Buffer) => {
      inTurn += length;
    });
    await readBody(body, 8 * megabyte).catch(() => undefined);
    clearImmediate(turning);
    return mostInTurn;
  });
  expect(most).toBeLessThanOrEqual(megabyte / 4);
});

test('a body that is too large leaves nothing for a collection, and one that is not is whole', async () => {
  const read = (limit: number) => async (body: IncomingMessage) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    const outcome = await readBody(body, limit).catch((error: Error) => error.message);
    // What came with the head is not a buffer of its own.
    return { outcome, kept: chunks.slice(1).reduce((sum, { byteLength }) => sum + byteLength, 0) };
  };
  const whole = await send(megabyte, read(megabyte));
  expect(whole.outcome).toBe('The body is not JSON');
  expect(whole.kept).toBeGreaterThan(megabyte / 2);
  const refused = await send(4 * megabyte, read(megabyte));
  expect(refused).toEqual({ outcome: `A body may have ${megabyte} bytes here`, kept: 0 });
});
