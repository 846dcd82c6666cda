import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFrame, encodeFrame, FrameDecoder, frameTypes } from '../../src/protocol/rpc/frame.ts';
import { Tries } from '../../src/sdk/rpc/calling/tries.ts';
import { Link } from '../../src/sdk/rpc/link.ts';
import { nowhere } from '../../src/sdk/rpc/under-way/crowd.ts';
import { bytesOf, packCall, packValue, unpackCall } from '../../src/sdk/rpc/wire/payload.ts';
import { answer, answerElsewhere, callerOf, temporaryFolder } from '../helpers/rpc.ts';

describe('a peer that speaks another version', () => {
  const hello = encodeFrame({ ...emptyFrame, type: frameTypes.hello, id: 99 });

  test('is told which one this is, and nothing that it asks is done', async () => {
    let calls = 0;
    await using callee = await answer(() => {
      calls += 1;
    });
    const stranger = connect(callee.path);
    const payload = bytesOf(
      packCall({ kind: 'call', service: 'users', method: 'm', args: [], from: 'x' }),
    );
    stranger.write(
      Buffer.concat([hello, encodeFrame({ ...emptyFrame, type: frameTypes.call, id: 1, payload })]),
    );
    const received: Buffer[] = [];
    for await (const chunk of stranger) received.push(chunk);
    const frames = new FrameDecoder().push(Buffer.concat(received));
    expect(frames).toMatchObject([{ type: frameTypes.hello, id: 1 }]);
    expect(calls).toBe(0);
  });

  test('surely did not run the calls that are sent to it', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'rpc.sock');
    const server = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .write(hello),
    );
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const tries = new Tries({ patienceMs: 0, mostWaiting: 0 });
    using caller = callerOf([{ path, [Symbol.asyncDispose]: async () => undefined }], { tries });
    await expect(caller.call('getUser')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      facts: { executed: 'no' },
    });
    await new Promise((resolve) => server.close(resolve));
  });
});

test('an answer to nobody, or once more, or to what is answered already, reaches nobody', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  const reply = (id: number, value: unknown): Buffer =>
    encodeFrame({ ...emptyFrame, type: frameTypes.reply, id, payload: bytesOf(packValue(value)) });
  const server = createServer((socket) => {
    const decoder = new FrameDecoder();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const { type, id, payload } of decoder.push(chunk)) {
        if (type !== frameTypes.call) continue;
        const [own] = unpackCall(payload).args;
        socket.write(reply(id + 10_000, 'of nobody'));
        socket.write(reply(id, own));
        socket.write(reply(id, 'once more'));
        socket.write(reply(Math.max(1, id - 1), 'too late'));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  using caller = callerOf([{ path, [Symbol.asyncDispose]: async () => undefined }]);
  const numbers = Array.from({ length: 200 }, (_, index) => index);
  const answers = await Promise.all(numbers.map((number) => caller.call('m', { args: [number] })));
  expect(answers).toEqual(numbers);
  caller.caller.close();
  await new Promise((resolve) => server.close(resolve));
});

test('a callee whose event loop is held up is left out until it answers again', async () => {
  await using callee = await answerElsewhere();
  const dial = (): Socket => connect(callee.path);
  const link = new Link({ name: 'users#1', dial, maxPending: 10, onChange: () => undefined });
  const ask = (method: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((answered, failed) => {
      const call = { kind: 'call', service: 'users', method, args, from: 'test' } as const;
      const deadlineAt = Number.POSITIVE_INFINITY;
      const asker = { call, deadlineAt, sentAt: 0, id: 0, place: nowhere, answered, failed };
      link.send({ ...asker, cancelled: () => undefined });
    });

  const blocked = ask('block', [1_000]);
  await expect.poll(() => link.isAside).toBe(true);
  await blocked;
  expect(link.isAside).toBe(false);

  ask('never', []).catch(() => undefined);
  await ask('echo', [1]);
  expect(link.isAside).toBe(false);
  link.close();
});
