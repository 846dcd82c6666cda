import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { emptyFrame, encodeFrame, FrameDecoder, frameTypes } from '../../src/protocol/rpc/frame.ts';
import { bytesOf, packCall, unpackError } from '../../src/sdk/rpc/wire/payload.ts';
import { answerElsewhere, callerOf } from '../helpers/rpc.ts';

const megabyte = 1024 * 1024;
const calls = 300;

const callsOf = (method: string, firstId: number): Buffer => {
  const call = { kind: 'call', service: 'users', method, args: [], from: 'orders' } as const;
  const payload = bytesOf(packCall(call));
  const frames = Array.from({ length: calls }, (_, index) =>
    encodeFrame({ ...emptyFrame, type: frameTypes.call, id: firstId + index, payload }),
  );
  return Buffer.concat(frames);
};

test('a caller that reads none of its answers does not fill the memory of who answers', async () => {
  await using callee = await answerElsewhere();
  using other = callerOf([callee]);
  const ranOf = async (method: string): Promise<number> =>
    ((await other.call('ran')) as readonly string[]).filter((each) => each === method).length;
  const before = (await other.call('rss')) as number;

  const stalled = connect(callee.path);
  stalled.write(callsOf('large', 1));
  await expect.poll(() => ranOf('large'), { timeout: 20_000 }).toBe(calls);
  const grown = ((await other.call('rss')) as number) - before;
  expect(grown / megabyte).toBeLessThan(150);

  // What comes of it next is not even read, while others are answered.
  stalled.write(callsOf('pid', calls + 1));
  for (let round = 0; round < 5; round += 1) expect(await ranOf('pid')).toBe(0);

  const decoder = new FrameDecoder();
  const answered = new Map<number, number>();
  const lost: unknown[] = [];
  for await (const chunk of stalled) {
    for (const { id, type, payload } of decoder.push(chunk)) {
      answered.set(id, type);
      if (type === frameTypes.error) lost.push(unpackError(payload));
    }
    if (answered.size === 2 * calls) break;
  }
  // Those that it was sent are whole, of the others it hears why they are not.
  expect(answered.get(1)).toBe(frameTypes.reply);
  expect(answered.get(2 * calls)).toBe(frameTypes.reply);
  expect(lost.length).toBeGreaterThan(calls / 2);
  for (const error of lost) expect(error).toMatchObject({ code: 'ANSWER_UNREAD' });
});
