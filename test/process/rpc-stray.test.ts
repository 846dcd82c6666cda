import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFrame, encodeFrame, FrameDecoder, frameTypes } from '../../src/protocol/rpc/frame.ts';
import { bytesOf, packValue, unpackCall } from '../../src/sdk/rpc/wire/payload.ts';
import { callerOf, temporaryFolder } from '../helpers/rpc.ts';

test('a peer that answers twice, or what nobody asked, gives no call the answer of another [E8]', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  let answered = 0;
  const server = createServer((socket) => {
    const decoder = new FrameDecoder();
    const reply = (id: number, value: unknown): void => {
      answered += 1;
      const frame = {
        ...emptyFrame,
        type: frameTypes.reply,
        id,
        payload: bytesOf(packValue(value)),
      };
      socket.write(encodeFrame(frame));
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const calls = decoder.push(chunk).filter(({ type }) => type === frameTypes.call);
      for (const { id, payload } of calls.toReversed()) {
        const [own] = unpackCall(payload).args;
        for (const stray of [id + 2 ** 20, 0, 2 ** 32 - 1]) reply(stray, 'of nobody');
        for (const value of [own, 'again', own]) reply(id, value);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  using caller = callerOf([{ path, [Symbol.asyncDispose]: async () => undefined }]);
  for (let round = 0; round < 20; round += 1) {
    const own = Array.from({ length: 100 }, (_, index) => `${round} ${index}`);
    expect(await Promise.all(own.map((each) => caller.call('echo', { args: [each] })))).toEqual(
      own,
    );
  }
  expect(answered).toBe(12_000);
  caller[Symbol.dispose]();
  await new Promise((resolve) => server.close(resolve));
});
