import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { unavailable } from '../../src/protocol/errors.ts';
import {
  emptyFrame,
  encodeFrame,
  type FrameType,
  frameTypes,
} from '../../src/protocol/rpc/frame.ts';
import type { RpcServer } from '../../src/sdk/rpc/server.ts';
import { receiveFrames } from '../../src/sdk/rpc/wire/intake.ts';
import { answer, answerElsewhere, callerOf, temporaryFolder } from '../helpers/rpc.ts';

/** This process does nothing else meanwhile. */
const holdUp = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('a callee that is killed', () => {
  test('fails its pending calls, which may have run [E8]', async () => {
    await using callee = await answerElsewhere();
    using caller = callerOf([callee]);
    await caller.call('pid');

    const pending = Promise.allSettled(Array.from({ length: 20 }, () => caller.call('never')));
    await caller.call('pid');
    await callee.kill();

    const failed = { reason: { code: 'UNAVAILABLE', facts: { executed: 'maybe' } } };
    expect(await pending).toMatchObject(Array.from({ length: 20 }, () => failed));
  });

  test('surely did not run what was sent to it afterwards', async () => {
    await using callee = await answerElsewhere();
    using caller = callerOf([callee]);
    await callee.kill();
    caller.route();

    await expect(caller.call('pid')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      facts: { executed: 'no' },
    });
  });

  test('has answered what it answered, though the caller was held up until it was gone', async () => {
    await using callee = await answerElsewhere();
    using caller = callerOf([callee]);
    await caller.call('pid');

    const answered = caller.call('last');
    await nextTurn();
    holdUp(1_000);
    expect(await answered).toBe('answered');
  });

  test('has answered what it answered in the turn in which it ended', async () => {
    await using callee = await answerElsewhere();
    using caller = callerOf([callee]);
    await caller.call('pid');
    expect(await caller.call('lastInTurn')).toBe('answered');
  });

  test('is replaced at once for calls that it surely did not run', async () => {
    await using dead = await answerElsewhere();
    await using living = await answer(async () => 'living');
    await dead.kill();
    using caller = callerOf([dead, living]);

    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.call('getUser')));
    expect(answers).toEqual(Array.from({ length: 20 }, () => 'living'));
  });

  test('has its calls run elsewhere when they may run twice, and only then', async () => {
    await using callee = await answerElsewhere();
    const ran: string[] = [];
    await using other = await answer(async ({ args }) => {
      ran.push(String(args[0]));
      return 'other';
    });
    using caller = callerOf([callee]);
    const calls = Promise.allSettled([
      caller.call('never', { args: ['order'] }),
      caller.call('never', { args: ['read'], idempotent: true }),
    ]);
    await caller.call('pid');

    caller.route(callee, other);
    await callee.kill();

    expect(await calls).toMatchObject([
      { reason: { code: 'UNAVAILABLE', facts: { executed: 'maybe' } } },
      { value: 'other' },
    ]);
    expect(ran).toEqual(['read']);
  });
});

test('a stream from a callee that is killed ends with what happened', async () => {
  await using callee = await answerElsewhere();
  using caller = callerOf([callee]);
  const items = (await caller.call('endless')) as AsyncIterable<number>;
  const reading = (async () => {
    for await (const item of items) if (item === 100) await callee.kill();
  })();
  await expect(reading).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a peer that sends more of a stream than it was asked for is hung up on', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  const frame = (type: FrameType): Buffer =>
    encodeFrame({ ...emptyFrame, type, id: 1, payload: Buffer.from([1]) });
  const server = createServer((socket) => {
    const flood = Array.from({ length: 100 }, () => frame(frameTypes.data));
    socket.once('data', () => socket.write(Buffer.concat([frame(frameTypes.open), ...flood])));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  using caller = callerOf([{ path, [Symbol.asyncDispose]: async () => undefined }]);

  const items = (await caller.call('getItems')) as AsyncIterable<number>;
  await new Promise((resolve) => server.close(resolve));
  const reading = (async () => {
    for await (const item of items) expect(item).toBe(1);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('an answer that something else is unavailable is an answer: nothing runs twice', async () => {
  let runs = 0;
  await using callee = await answer(async () => {
    runs += 1;
    throw unavailable('stock.reserve', 'no', 'no worker of it is ready');
  });
  using caller = callerOf([callee]);

  await expect(caller.call('order', { idempotent: true })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    facts: { target: 'stock.reserve', executed: 'yes' },
  });
  expect(runs).toBe(1);
});

describe('a callee that drains', () => {
  test('answers what it has taken, gets nothing new, and no call is lost', async () => {
    const answers = { leaving: 0, staying: 0 };
    await using leaving = await answer(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      answers.leaving += 1;
      return 'leaving';
    });
    await using staying = await answer(async () => {
      answers.staying += 1;
      return 'staying';
    });
    using caller = callerOf([leaving, staying]);
    let drained = false;
    let sent = 0;
    const client = async (): Promise<void> => {
      for (let count = 0; count < 300; count += 1) {
        sent += 1;
        const expected = drained ? ['staying'] : ['staying', 'leaving'];
        expect(expected).toContain(await caller.call('getUser'));
      }
    };

    const clients = Promise.all(Array.from({ length: 20 }, client));
    await caller.call('getUser');
    await drain(leaving.server);
    drained = true;
    const before = answers.leaving;
    await clients;

    expect(answers.leaving).toBe(before);
    expect(answers.leaving + answers.staying).toBe(sent + 1);
    expect(leaving.server.inFlight()).toBe(0);
  });

  test('is done only when its slowest call is', async () => {
    const release = Promise.withResolvers<string>();
    await using callee = await answer(() => release.promise);
    using caller = callerOf([callee]);
    const order: string[] = [];

    const slow = caller.call('slow').then(() => order.push('answered'));
    await inFlight(callee.server, 1);
    const drained = drain(callee.server).then(() => order.push('drained'));
    release.resolve('done');
    await Promise.all([slow, drained]);

    expect(order.toSorted()).toEqual(['answered', 'drained']);
    expect(callee.server.inFlight()).toBe(0);
  });

  test('is waited for by calls until another one is known', async () => {
    await using leaving = await answer(async () => 'leaving');
    await using coming = await answer(async () => 'coming');
    using caller = callerOf([leaving]);
    await caller.call('getUser');
    await drain(leaving.server);

    const waiting = caller.call('getUser');
    caller.route(coming);

    expect(await waiting).toBe('coming');
  });
});

describe('garbage', () => {
  const noise = Buffer.from('GET / HTTP/1.1\r\n\r\n');

  test('sent to a callee ends that link and disturbs no other', async () => {
    await using callee = await answer(async () => 'fine');
    using caller = callerOf([callee]);
    await caller.call('getUser');

    const stranger = connect(callee.path);
    stranger.write(noise);
    await once(stranger, 'close');

    expect(await caller.call('getUser')).toBe('fine');
  });

  test('in a call is answered with what is wrong', async () => {
    await using callee = await answer(async () => 'fine');
    const stranger = connect(callee.path);
    stranger.write(encodeFrame({ ...emptyFrame, type: frameTypes.call, id: 1, payload: noise }));
    const [reply] = await once(stranger, 'data');
    expect(String(reply)).toContain('BAD_MESSAGE');
    stranger.destroy();
  });

  const answers = {
    'that is no frame': noise,
    'in an answer': encodeFrame({ ...emptyFrame, id: 1, payload: noise }),
    'in place of an error': encodeFrame({ ...emptyFrame, type: frameTypes.error, id: 1 }),
  };

  test.each(Object.entries(answers))('%s fails the calls on its link', async (_name, bytes) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'rpc.sock');
    const server = createServer((socket) => {
      socket.once('data', () => socket.write(bytes));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const callee = { path, [Symbol.asyncDispose]: async () => undefined };
    using caller = callerOf([callee]);

    const calls = await Promise.allSettled([caller.call('getUser'), caller.call('getUser')]);
    for (const call of calls) {
      expect(call).toMatchObject({ reason: { code: 'UNAVAILABLE', facts: { executed: 'maybe' } } });
    }
    await new Promise((resolve) => server.close(resolve));
  });

  test('of half a frame that does not go on ends the link', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'rpc.sock');
    const failed = Promise.withResolvers<Error>();
    const server = createServer((socket) => {
      receiveFrames(socket, () => undefined, { halfFrameMs: 20 });
      socket.on('error', failed.resolve);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const peer = connect(path);
    peer.write(encodeFrame(emptyFrame));
    peer.write(encodeFrame(emptyFrame).subarray(0, 10));

    await once(peer, 'close');
    expect(await failed.promise).toMatchObject({ code: 'BAD_MESSAGE' });
    await new Promise((resolve) => server.close(resolve));
  });
});

const drain = async (server: RpcServer): Promise<void> => {
  await server.dismiss();
  await server.drained();
};

/** Looks once a turn of the event loop; the test's time limit ends the wait. */
const inFlight = async (server: { inFlight: () => number }, count: number): Promise<void> => {
  while (server.inFlight() < count) await new Promise((resolve) => setImmediate(resolve));
};
