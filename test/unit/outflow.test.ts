import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { emptyFrame, FrameDecoder, frameTypes } from '../../src/protocol/rpc/frame.ts';
import { Streams } from '../../src/sdk/rpc/streams/streams.ts';
import { Outbox } from '../../src/sdk/rpc/wire/outbox.ts';
import { bytesOf, packValue } from '../../src/sdk/rpc/wire/payload.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

const items = 32;
const room = bytesOf(packValue(items));
const item = Buffer.alloc(1024 * 1024);

/** Two ends of a connection, the second of which reads nothing until it is told to. */
const unreadPair = async () => {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const path = join(folder.path, 'peer.sock');
  const server = createServer({ pauseOnConnect: true }).listen(path);
  opened.defer(async () => {
    server.close();
    await once(server, 'close');
  });
  const socket = connect(path);
  opened.defer(() => void socket.destroy());
  const [peer] = await once(server, 'connection');
  opened.defer(() => void peer.destroy());
  const all = opened.move();
  return { socket, peer, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

test('a stream of large items waits for a peer that does not read, whatever that has room for', async () => {
  await using pair = await unreadPair();
  const { socket, peer } = pair;
  const streams = new Streams(new Outbox(socket));
  let pulled = 0;
  const sent = Promise.withResolvers<void>();
  const source = async function* () {
    for (; pulled < items; pulled += 1) yield item;
  };
  streams.send(1, source(), { done: () => sent.resolve() });
  streams.take({ ...emptyFrame, type: frameTypes.window, id: 1, payload: room });
  // Without a bound all of it is there by then.
  for (let turn = 0; turn < 100; turn += 1) await setImmediate();
  expect(pulled).toBeLessThan(8);

  peer.resume();
  streams.take({ ...emptyFrame, type: frameTypes.window, id: 1, payload: room });
  await sent.promise;
  expect(pulled).toBe(items);
});

test('what waits to be written is not overwritten by what comes later', async () => {
  await using pair = await unreadPair();
  const { socket, peer } = pair;
  const outbox = new Outbox(socket);
  const count = 120;
  const received: Buffer[] = [];
  const all = Promise.withResolvers<void>();
  const decoder = new FrameDecoder();
  peer.on('data', (chunk: Buffer) => {
    // As they are: a payload that changes under way is no value any more.
    received.push(...decoder.push(chunk).map(({ payload }) => Buffer.from(payload)));
    if (received.length === count) all.resolve();
  });
  peer.pause();
  for (let number = 0; number < count; number += 1) {
    outbox.push({ ...emptyFrame, id: number }, packValue(Buffer.alloc(64 * 1024, number)));
    // Some are written, some wait behind them, and then the peer reads a part of it.
    if (number % 8 === 7) {
      peer.resume();
      await setImmediate();
      peer.pause();
    }
  }
  peer.resume();
  await all.promise;
  const expected = (number: number): Buffer => bytesOf(packValue(Buffer.alloc(64 * 1024, number)));
  expect(received.every((bytes, number) => bytes.equals(expected(number)))).toBe(true);
});

const push = (outbox: Outbox): void => outbox.push(emptyFrame, packValue('small'));

/** In as many callbacks of one turn. */
const pushApart = async (outbox: Outbox, frames: number): Promise<void> => {
  const each = Array.from({ length: frames }, async () => {
    await setImmediate();
    push(outbox);
  });
  await Promise.all(each);
  await setImmediate();
  await setImmediate();
};

const holdTheLoop = (forMs: number): void => {
  const until = performance.now() + forMs;
  while (performance.now() < until);
};

test('what the callbacks of one turn send leaves in one write', async () => {
  await using pair = await unreadPair();
  const write = vi.spyOn(pair.socket, 'write');
  const outbox = new Outbox(pair.socket);
  await pushApart(outbox, 5);
  expect(write).toHaveBeenCalledTimes(1);
});

test('where turns are long, nothing waits for the end of one', async () => {
  await using pair = await unreadPair();
  const write = vi.spyOn(pair.socket, 'write');
  const outbox = new Outbox(pair.socket);
  push(outbox);
  holdTheLoop(20);
  await setImmediate();
  write.mockClear();
  push(outbox);
  process.nextTick(holdTheLoop, 20);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(write).toHaveBeenCalledTimes(1);
});
