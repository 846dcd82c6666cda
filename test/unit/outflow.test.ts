import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { emptyFrame, frameTypes } from '../../src/protocol/rpc/frame.ts';
import { Outbox } from '../../src/sdk/rpc/outbox.ts';
import { bytesOf, packValue } from '../../src/sdk/rpc/payload.ts';
import { Streams } from '../../src/sdk/rpc/streams/streams.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

const items = 32;
const room = bytesOf(packValue(items));
const item = Buffer.alloc(1024 * 1024);

test('a stream of large items waits for a peer that does not read, whatever that has room for', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'peer.sock');
  const server = createServer({ pauseOnConnect: true }).listen(path);
  const socket = connect(path);
  const [peer] = await once(server, 'connection');
  const streams = new Streams(new Outbox(socket));
  let pulled = 0;
  const sent = Promise.withResolvers<void>();
  const source = async function* () {
    for (; pulled < items; pulled += 1) yield item;
  };
  streams.send(1, source(), () => sent.resolve());
  streams.take({ ...emptyFrame, type: frameTypes.window, id: 1, payload: room });
  // Without a bound all of it is there by then.
  for (let turn = 0; turn < 100; turn += 1) await setImmediate();
  expect(pulled).toBeLessThan(8);

  peer.resume();
  streams.take({ ...emptyFrame, type: frameTypes.window, id: 1, payload: room });
  await sent.promise;
  expect(pulled).toBe(items);
  socket.destroy();
  server.close();
  await once(server, 'close');
});
