import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { httpError } from '../../src/sdk/http-error.ts';
import { breaker } from '../../src/sdk/interceptors/breaker.ts';
import { Bulkhead } from '../../src/sdk/interceptors/bulkhead.ts';
import { cache } from '../../src/sdk/interceptors/cache.ts';
import type { InterceptedCall } from '../../src/sdk/interceptors/interceptor.ts';
import {
  type Around,
  compose,
  type Interceptor,
  type Next,
  written,
} from '../../src/sdk/interceptors/interceptor.ts';
import { rateLimit } from '../../src/sdk/interceptors/rate-limit.ts';
import { singleFlight } from '../../src/sdk/interceptors/single-flight.ts';

const call = { kind: 'call', service: 'users', method: 'get', args: [1], from: 'orders' } as const;

const through = (around: Around, last: Next<InterceptedCall>) => {
  const ask = compose<InterceptedCall>([around], last);
  return async (asked: InterceptedCall) => ask(asked);
};

/** Time that the test moves on. */
const newClock = () => {
  const clock = { at: 1_000, read: () => clock.at };
  return clock;
};

test('the first interceptor is the outermost, and may change arguments or answer itself', async () => {
  const order: string[] = [];
  const named =
    (name: string): Interceptor =>
    async (seen, next) => {
      order.push(`${name} in`);
      const value = await next({ ...seen, args: [...seen.args, name] });
      order.push(`${name} out`);
      return value;
    };
  const chain = compose<InterceptedCall>(
    [written(named('a')), written(named('b'))],
    async ({ args }) => args,
  );
  expect(await chain(call)).toEqual([1, 'a', 'b']);
  expect(order).toEqual(['a in', 'b in', 'b out', 'a out']);
  expect(
    await through(
      async () => 'no',
      async () => 'yes',
    )(call),
  ).toBe('no');
});

describe('a bulkhead', () => {
  test('lets so many run, so many wait in order, and refuses the rest at once', async () => {
    const running: PromiseWithResolvers<unknown>[] = [];
    const ask = through(new Bulkhead({ most: 2, queue: 1 }).around, () => {
      const one = Promise.withResolvers<unknown>();
      running.push(one);
      return one.promise;
    });
    const [first, second, third] = [ask(call), ask(call), ask(call)];
    await expect(ask(call)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(running).toHaveLength(2);
    running[0]?.resolve('a');
    expect(await first).toBe('a');
    await setImmediate();
    expect(running).toHaveLength(3);
    running[1]?.reject(new Error('b'));
    await expect(second).rejects.toThrow('b');
    running[2]?.resolve('c');
    expect(await third).toBe('c');
    const again = [ask(call), ask(call)];
    for (const one of running.slice(3)) one.resolve('d');
    expect(await Promise.all(again)).toEqual(['d', 'd']);
  });
});

describe('a rate', () => {
  const answered = async (asks: readonly Promise<unknown>[]): Promise<number> =>
    (await Promise.allSettled(asks)).filter(({ status }) => status === 'fulfilled').length;

  test('gives a burst at once, and then so many a second', async () => {
    const clock = newClock();
    const limit = rateLimit({ perSecond: 10, burst: 5, by: 'service' }, clock.read);
    const ask = through(limit, async () => 'yes');
    const twenty = () => Array.from({ length: 20 }, () => ask(call));
    expect(await answered(twenty())).toBe(5);
    clock.at += 300;
    expect(await answered(twenty())).toBe(3);
    clock.at += 60_000;
    expect(await answered(twenty())).toBe(5);
    await expect(ask(call)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      httpStatus: 429,
      facts: { waitMs: 100 },
    });
  });

  test('by caller leaves each its own', async () => {
    const ask = through(rateLimit({ perSecond: 1, burst: 1, by: 'caller' }), async () => 'yes');
    const asks = ['a', 'b', 'a'].map((from) => ask({ ...call, from }));
    expect(await answered(asks)).toBe(2);
  });
});

describe('a cache', () => {
  test('answers the same arguments for a time, and never keeps an error', async () => {
    const clock = newClock();
    let runs = 0;
    const ask = through(cache({ forMs: 100, most: 2 }, clock.read), async ({ args }) => {
      runs += 1;
      if (args[0] === 'fail') throw new Error('no');
      return runs;
    });
    expect([await ask(call), await ask(call)]).toEqual([1, 1]);
    expect(await ask({ ...call, args: [2] })).toBe(2);
    for (const _ of [1, 2]) await expect(ask({ ...call, args: ['fail'] })).rejects.toThrow('no');
    expect(runs).toBe(4);
    clock.at += 100;
    expect(await ask(call)).toBe(5);
  });

  test('knows the same arguments whoever wrote their properties in which order', async () => {
    let runs = 0;
    const ask = through(cache({ forMs: 100, most: 20 }), async () => ++runs);
    const asked = async (...args: readonly unknown[]) => ask({ ...call, args });
    const own = (json: string): unknown => JSON.parse(json);
    expect(await asked({ a: 1, b: { c: [{ d: 1, e: 2 }], f: 3 } })).toBe(1);
    expect(await asked({ b: { f: 3, c: [{ e: 2, d: 1 }] }, a: 1 })).toBe(1);
    expect(await asked({ a: 1, b: { c: [{ d: 2, e: 1 }], f: 3 } })).toBe(2);
    expect(await asked([1, 2])).toBe(3);
    expect(await asked([2, 1])).toBe(4);
    expect(await asked({ b: 1, 10: 2, 9: 3 })).toBe(5);
    expect(await asked({ 9: 3, 10: 2, b: 1 })).toBe(5);
    expect(await asked(own('{"z":1,"__proto__":{"a":1}}'))).toBe(6);
    expect(await asked(own('{"__proto__":{"a":1},"z":1}'))).toBe(6);
    expect(await asked({ z: 1 })).toBe(7);
  });

  test('forgets who was not asked for longest', async () => {
    let runs = 0;
    const ask = through(cache({ forMs: 100, most: 2 }), async () => ++runs);
    for (const args of [[1], [2], [1], [3], [1], [2]]) await ask({ ...call, args });
    expect(runs).toBe(4);
  });
});

test('equal calls at one time run once, and a later one again', async () => {
  let runs = 0;
  const ask = through(singleFlight(), async () => {
    await setImmediate();
    runs += 1;
    if (runs === 2) throw new Error('second');
    return runs;
  });
  const other = { ...call, args: [2] };
  expect(await Promise.all([ask(call), ask(call), ask(call)])).toEqual([1, 1, 1]);
  const failed = await Promise.allSettled([ask(call), ask(call)]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await Promise.all([ask(call), ask(other)])).toEqual([3, 4]);
});

test('calls are equal whoever wrote the properties of their arguments in which order', async () => {
  let runs = 0;
  const ask = through(singleFlight(), async () => {
    await setImmediate();
    return ++runs;
  });
  const [one, same] = [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ].map((arg) => ask({ ...call, args: [arg] }));
  expect(await Promise.all([one, same])).toEqual([1, 1]);
});

describe('a breaker', () => {
  const settings = { failures: 50, least: 4, withinMs: 1_000, openMs: 500, probes: 2 };
  const start = () => {
    const clock = newClock();
    const asked: string[] = [];
    const { around, status } = breaker(settings, clock.read);
    const ask = through(around, async ({ method }) => {
      asked.push(method);
      if (method === 'fail') throw new Error('broken');
      if (method === 'refuse') throw httpError(404, 'no such thing');
      return method;
    });
    const say = async (...methods: readonly string[]) => {
      for (const method of methods) await ask({ ...call, method }).catch(() => undefined);
      return asked.splice(0);
    };
    return { clock, say, ask, status };
  };

  test('opens when half of enough calls failed, and asks nobody then', async () => {
    const { say, ask } = start();
    expect(await say('fail', 'fail', 'ok', 'ok', 'ok')).toHaveLength(4);
    await expect(ask(call)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('stays closed while fewer fail, when the answer is no, and when they failed long ago', async () => {
    const { say, clock } = start();
    expect(await say('ok', 'ok', 'fail', 'ok', 'fail', 'ok')).toHaveLength(6);
    expect(await say('refuse', 'refuse', 'refuse', 'refuse')).toHaveLength(4);
    clock.at += 1_100;
    expect(await say('ok', 'ok', 'fail', 'fail', 'ok')).toHaveLength(4);
  });

  test('lets a few through after its time, and closes when they pass', async () => {
    const { say, clock } = start();
    await say('fail', 'fail', 'fail', 'fail');
    clock.at += 499;
    expect(await say('ok')).toEqual([]);
    clock.at += 1;
    expect(await say('ok', 'ok', 'ok', 'fail', 'ok')).toHaveLength(5);
  });

  test('opens again when one of them fails', async () => {
    const { say, clock } = start();
    await say('fail', 'fail', 'fail', 'fail');
    clock.at += 500;
    expect(await say('ok', 'fail', 'ok')).toEqual(['ok', 'fail']);
    clock.at += 500;
    expect(await say('ok')).toEqual(['ok']);
  });

  test('says how it is, also when nobody has asked since its time was over', async () => {
    const { say, clock, status } = start();
    expect(status()).toBe('closed');
    await say('fail', 'fail', 'fail', 'fail');
    expect(status()).toBe('open');
    clock.at += 500;
    expect(status()).toBe('half-open');
    await say('ok');
    expect(status()).toBe('half-open');
    await say('ok');
    expect(status()).toBe('closed');
  });

  test('lets no more than the few through at once', async () => {
    const clock = newClock();
    const gate = Promise.withResolvers<void>();
    let asked = 0;
    const ask = through(breaker(settings, clock.read).around, async ({ method }) => {
      asked += 1;
      if (method === 'fail') throw new Error('broken');
      await gate.promise;
    });
    for (const _ of [1, 2, 3, 4]) await ask({ ...call, method: 'fail' }).catch(() => undefined);
    clock.at += 500;
    const probes = Array.from({ length: 10 }, () => ask(call));
    gate.resolve();
    await Promise.allSettled(probes);
    expect(asked).toBe(6);
  });
});
