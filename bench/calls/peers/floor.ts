/** The same frames, batches and codec between two sockets, and nothing else. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import {
  type Frame,
  FrameDecoder,
  type FrameType,
  frameTypes,
} from '../../../src/protocol/rpc/frame.ts';
import { type Head, Outbox } from '../../../src/sdk/rpc/wire/outbox.ts';
import { packCall, packValue, unpackCall, unpackValue } from '../../../src/sdk/rpc/wire/payload.ts';
import { chunk, userOf } from '../../../test/fixtures/apps/calls/answers.ts';
import { takeJobs } from '../jobs.ts';

const [, , role, path = ''] = process.argv;

const head = (type: FrameType, id: number): Head => ({
  type,
  id,
  deadlineMs: 0,
  sentAt: 0,
  traceparent: '',
});

const receive = (socket: Socket, take: (frame: Frame) => void): void => {
  const decoder = new FrameDecoder();
  socket.on('data', (bytes: Buffer) => {
    for (const frame of decoder.push(bytes)) take(frame);
  });
};

const serve = (): void => {
  const server = createServer((socket) => {
    const outbox = new Outbox(socket);
    /** As far as the other end takes it, which is the least that a stream must do. */
    const stream = async (id: number, count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 1) {
        outbox.push(head(frameTypes.data, id), packValue(chunk));
        await new Promise((resolve) => process.nextTick(resolve));
        if (socket.writableNeedDrain) await once(socket, 'drain');
      }
      outbox.push(head(frameTypes.reply, id), packValue(count));
    };
    receive(socket, ({ id, payload }) => {
      const { method, args } = unpackCall(payload);
      if (method === 'getChunks') return void stream(id, Number(args[0]));
      const value = method === 'getUser' ? userOf(Number(args[0])) : chunk;
      outbox.push(head(frameTypes.reply, id), packValue(value));
    });
  });
  server.listen(path, () => process.stdout.write('ready\n'));
};

const call = async (): Promise<void> => {
  const socket = connect(path);
  const outbox = new Outbox(socket);
  const waiting = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  receive(socket, ({ type, id, payload }) => {
    if (type === frameTypes.data) return void unpackValue(payload);
    waiting.get(id)?.(unpackValue(payload));
    waiting.delete(id);
  });
  const ask = (method: string, arg: number): Promise<unknown> =>
    new Promise((resolve) => {
      lastId += 1;
      waiting.set(lastId, resolve);
      const payload = packCall({ kind: 'call', service: 'users', method, args: [arg], from: 'a' });
      outbox.push(head(frameTypes.call, lastId), payload);
    });
  await takeJobs({
    user: (id) => ask('getUser', id),
    bytes: (id) => ask('getBytes', id),
    stream: () => ask('getChunks', 64),
  });
};

if (role === 'callee') serve();
else await call();
