import { describe, expect, test } from 'vitest';
import { messageTooLarge } from '../../src/protocol/errors.ts';
import { ForgeError } from '../../src/protocol/forge-error.ts';
import { maxFrameBytes } from '../../src/protocol/rpc/frame.ts';
import type { InboundCall } from '../../src/sdk/rpc/calls.ts';
import { newTraceparent } from '../../src/sdk/rpc/trace.ts';
import { answer, answerElsewhere, callerOf } from '../helpers/rpc.ts';

describe('a call', () => {
  test('reaches the handler with all that it carries, and is answered', async () => {
    const received: InboundCall[] = [];
    await using callee = await answer(async (call) => {
      received.push(call);
      return { id: 7, name: 'Ada' };
    });
    using caller = callerOf([callee]);
    const traceparent = newTraceparent();

    const value = await caller.call('getUser', { args: [7], traceparent, deadlineMs: 5_000 });

    expect(value).toEqual({ id: 7, name: 'Ada' });
    const call = { kind: 'call', service: 'users', method: 'getUser', args: [7], from: 'test' };
    expect(received).toMatchObject([{ ...call, traceparent }]);
    expect(received[0]?.deadlineMs).toBeLessThanOrEqual(5_000);
    expect(received[0]?.deadlineMs).toBeGreaterThan(0);
  });

  test('among many gets its own answer, whatever the order of the answers', async () => {
    const held: (() => void)[] = [];
    await using callee = await answer(async ({ args }) => {
      await new Promise<void>((resolve) => {
        held.push(resolve);
        if (held.length === 200) for (const release of held.toReversed()) release();
      });
      return args[0];
    });
    using caller = callerOf([callee]);
    const numbers = Array.from({ length: 200 }, (_, index) => index);

    expect(await Promise.all(numbers.map((each) => caller.call('echo', { args: [each] })))).toEqual(
      numbers,
    );
  });

  test('that fails brings code, message, remedy, facts and status across', async () => {
    const fields = {
      code: 'SOLD_OUT',
      message: 'no tea',
      remedy: 'Order less.',
      exitCode: 3,
    } as const;
    await using callee = await answer(async () => {
      throw Object.assign(new ForgeError({ ...fields, facts: { left: 2 } }), { httpStatus: 409 });
    });
    using caller = callerOf([callee]);

    await expect(caller.call('buy')).rejects.toMatchObject({
      ...fields,
      facts: { left: 2 },
      httpStatus: 409,
    });
  });

  test('that is too large, or has too large an answer, fails alone', async () => {
    await using callee = await answer(async ({ method }) => {
      if (method === 'small') return 'small';
      const text = 'x'.repeat(maxFrameBytes);
      if (method === 'throw') throw new Error(text);
      return text;
    });
    using caller = callerOf([callee]);
    const { code } = messageTooLarge(0, 0);

    await expect(caller.call('small', { args: ['x'.repeat(maxFrameBytes)] })).rejects.toMatchObject(
      { code },
    );
    await expect(caller.call('return')).rejects.toMatchObject({ code });
    await expect(caller.call('throw')).rejects.toMatchObject({ code });
    expect(await caller.call('small')).toBe('small');
  });
});

describe('a deadline', () => {
  test('ends a call that gets no answer', async () => {
    await using callee = await answer(() => new Promise(() => undefined));
    using caller = callerOf([callee]);

    await expect(caller.call('getUser', { deadlineMs: 30 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      facts: { target: 'users.getUser' },
    });
  });

  test('that is over when a busy callee reads the call keeps it from being run', async () => {
    await using callee = await answerElsewhere();
    using caller = callerOf([callee]);

    const blocked = caller.call('block', { args: [400] });
    const expired = caller.call('pid', { deadlineMs: 50 });
    const other = caller.call('never', { deadlineMs: 50 });

    await expect(expired).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect(other).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await blocked;
    expect(await caller.call('ran')).toEqual(['block', 'ran']);
  });
});

test('a call over the cap on pending calls is refused at once, and only that one', async () => {
  const release = Promise.withResolvers<string>();
  await using callee = await answer(() => release.promise);
  using caller = callerOf([callee], { maxPending: 2 });

  const taken = [caller.call('getUser'), caller.call('getUser')];
  await expect(caller.call('getUser')).rejects.toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    facts: { target: 'users.getUser', pending: 2 },
  });
  release.resolve('done');
  expect(await Promise.all(taken)).toEqual(['done', 'done']);
  expect(await caller.call('getUser')).toBe('done');
});

describe('the balance', () => {
  test('prefers the callee with fewer calls pending', async () => {
    const release = Promise.withResolvers<string>();
    const calls = { slow: 0, quick: 0 };
    await using slow = await answer(() => {
      calls.slow += 1;
      return release.promise;
    });
    await using quick = await answer(async () => {
      calls.quick += 1;
      return 'quick';
    });
    using caller = callerOf([slow]);
    const held = [caller.call('getUser'), caller.call('getUser'), caller.call('getUser')];
    caller.route(slow, quick);

    for (let count = 0; count < 50; count += 1) expect(await caller.call('getUser')).toBe('quick');
    expect(calls).toEqual({ slow: 3, quick: 50 });
    release.resolve('slow');
    await Promise.all(held);
  });

  test('spreads calls over equals', async () => {
    const calls = [0, 0, 0];
    const callees = await Promise.all(
      calls.map((_, index) =>
        answer(async () => {
          calls[index] = (calls[index] ?? 0) + 1;
        }),
      ),
    );
    using caller = callerOf(callees);
    await Promise.all(Array.from({ length: 600 }, () => caller.call('getUser')));

    // Within one turn each call sees those before it: the three differ by chance alone.
    for (const count of calls) expect(count).toBeGreaterThan(150);
    await Promise.all(callees.map((callee) => callee[Symbol.asyncDispose]()));
  });

  test('comes back to a callee that the table names again', async () => {
    await using first = await answer(async () => 'first');
    await using second = await answer(async () => 'second');
    using caller = callerOf([first, second]);
    await caller.call('getUser');
    caller.route(second);
    expect(await caller.call('getUser')).toBe('second');

    caller.route(first, second);
    const by = await Promise.all(Array.from({ length: 100 }, () => caller.call('getUser')));
    expect(by).toContain('first');
    expect(by).toContain('second');
  });
});
