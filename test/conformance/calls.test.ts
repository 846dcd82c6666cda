import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ForgeError } from '../../src/protocol/forge-error.ts';
import { requestContext } from '../../src/sdk/request-context.ts';
import { Service } from '../../src/sdk/service.ts';
import { carriers } from '../helpers/carriers.ts';

const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

const noData = {
  ...{ aSet: new Set([1]), aPattern: /(a+)+$/, aSymbol: { of: Symbol('no data') } },
  ...{ anError: { reasons: [new Error('no')] }, aStream: { rows: new Blob([]).stream() } },
  aMapOfObjects: new Map([[{ id: 7 }, 'seven']]),
  tooDeep: nested(65),
  tooMuch: Array.from({ length: 10_001 }, () =>
    Object.fromEntries('abcdefghij'.split('').entries()),
  ),
} as const;

/** That the library knows nothing of. */
const callersOwn = new AsyncLocalStorage<string>();

class Callee extends Service {
  static readonly contract = {
    expose: [
      ...['echo', 'fails', 'never', 'count', 'sum', 'mirror', 'breaks', 'takesOne', 'headers'],
      ...['make', 'makeAll', 'later', 'kept'],
    ],
  };

  produced = 0;
  readonly cleaned = Promise.withResolvers<void>();
  readonly aborted = Promise.withResolvers<void>();
  readonly released = Promise.withResolvers<void>();

  echo(value: unknown): unknown {
    return value;
  }

  headers(): unknown {
    return requestContext.getStore()?.headers;
  }

  make(what: keyof typeof noData): unknown {
    return noData[what];
  }

  async *makeAll(): AsyncGenerator<unknown> {
    yield 1;
    for (const each of Object.values(noData)) yield each;
  }

  async kept(): Promise<unknown> {
    const atOnce = callersOwn.getStore();
    await setImmediate();
    return [atOnce, callersOwn.getStore()];
  }

  async later(): Promise<string> {
    await this.released.promise;
    return 'there';
  }

  fails(): never {
    const cause = Object.assign(new Error('no ship', { cause: 'the wind' }), { code: 'E_SHIP' });
    const fields = { code: 'SOLD_OUT', message: 'no tea', remedy: 'Order.', exitCode: 3 } as const;
    throw new ForgeError({ ...fields, cause });
  }

  never(): Promise<never> {
    requestContext.getStore()?.signal.addEventListener('abort', () => this.aborted.resolve());
    return new Promise(() => undefined);
  }

  async *count(to: number): AsyncGenerator<number> {
    try {
      for (; this.produced < to; ) {
        this.produced += 1;
        yield this.produced;
      }
    } finally {
      this.cleaned.resolve();
    }
  }

  async sum(numbers: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }

  async *mirror(items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    for await (const item of items) yield item;
  }

  async *breaks(): AsyncGenerator<number> {
    yield 1;
    yield 2;
    this.fails();
  }

  async takesOne(items: AsyncIterable<number>): Promise<number | undefined> {
    for await (const item of items) return item;
    return undefined;
  }
}

async function* upTo(last: number, seen: { count: number } = { count: 0 }): AsyncGenerator<number> {
  for (let number = 1; number <= last; number += 1) {
    seen.count = number;
    yield number;
  }
}

const collect = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

describe.each(carriers)('over %s', (_name, carry) => {
  test('a value goes there and back, and shares nothing with the original', async () => {
    await using callee = await carry(Callee);
    const value = { list: [1, 'two', null], when: new Date(0), bytes: Buffer.from('abc') };
    const answer = await callee.client.echo(value);
    expect(answer).toMatchObject({ list: value.list, when: value.when });
    expect(answer).not.toBe(value);
  });

  test('bytes of an answer or of a stream stay as they are, whatever comes after them', async () => {
    await using callee = await carry(Callee);
    const { client } = callee;
    const bytes = (number: number): Buffer => Buffer.alloc(1 + number * 700, number);
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    const answers: unknown[] = [];
    for (const number of numbers) answers.push(await client.echo(bytes(number)));
    answers.push(...(await Promise.all(numbers.map((number) => client.echo(bytes(number))))));
    const sent = async function* () {
      for (const number of numbers) yield bytes(number);
    };
    answers.push(...(await collect(await client.mirror(sent()))));
    const equals = (answer: unknown, index: number): boolean =>
      bytes(index % numbers.length).equals(answer as Buffer);
    expect(answers.map(equals)).toEqual(answers.map(() => true));
  });

  test('a store of the caller is its own: the callee has none of it, the caller has it again', async () => {
    await using callee = await carry(Callee);
    await callersOwn.run('mine', async () => {
      expect(await callee.client.kept()).toEqual([undefined, undefined]);
      expect(callersOwn.getStore()).toBe('mine');
    });
  });

  test.each(Object.keys(noData) as (keyof typeof noData)[])(
    'what is no data is refused both ways, and nothing else: %s',
    async (what) => {
      await using callee = await carry(Callee);
      const { client } = callee;
      const other = client.later();
      const refused = { code: 'PAYLOAD_REFUSED', remedy: expect.stringContaining('plain data') };
      await expect(client.echo(noData[what])).rejects.toMatchObject(refused);
      await expect(client.make(what)).rejects.toMatchObject(refused);
      callee.service.released.resolve();
      expect(await other).toBe('there');
    },
  );

  test('an item of a stream that is no data ends the stream on both sides', async () => {
    await using callee = await carry(Callee);
    const { client } = callee;
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const item of await client.makeAll()) seen.push(item);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'PAYLOAD_REFUSED' });
    expect(seen).toEqual([1]);
    const sets = async function* (): AsyncGenerator<number> {
      yield noData.aSet as unknown as number;
    };
    await expect(client.sum(sets())).rejects.toMatchObject({ code: 'PAYLOAD_REFUSED' });
    expect(await client.echo('still there')).toBe('still there');
    expect(callee.server?.inFlight() ?? 0).toBe(0);
  });

  test('headers go along with the calls that they are given with, and no others', async () => {
    await using callee = await carry(Callee);
    const { client } = callee;
    const headers = { 'X-Plan': 'gold', 'accept-language': 'de' };
    expect(await client.with({ headers }).headers()).toEqual({
      'x-plan': 'gold',
      'accept-language': 'de',
    });
    expect(await client.headers()).toEqual({});
  });

  test('an error keeps its code and remedy, and is of no class of the callee', async () => {
    await using callee = await carry(Callee);
    await expect(callee.client.fails()).rejects.toMatchObject({
      code: 'SOLD_OUT',
      message: 'no tea',
      remedy: 'Order.',
      exitCode: 3,
    });
  });

  test('an error keeps its causes, which name no frames of the callee', async () => {
    await using callee = await carry(Callee);
    const { cause } = await callee.client.fails().catch((error) => error);
    expect(cause).toMatchObject({
      code: 'E_SHIP',
      message: 'no ship',
      cause: { message: 'the wind' },
    });
    expect(cause.stack).not.toMatch(/\n\s+at /);
  });

  test('a call that takes too long is over at its deadline', async () => {
    await using callee = await carry(Callee);
    const call = callee.client.with({ timeout: '30ms' }).never();
    await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('a call that its caller aborts is over at once, and the callee is told', async () => {
    await using callee = await carry(Callee);
    await callee.client.echo('linked');
    const abort = new AbortController();
    const call = callee.client.with({ signal: abort.signal }).never();
    const ended = expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    // It must be there before it can be aborted.
    await callee.client.echo('behind it');
    abort.abort();
    await ended;
    await callee.service.aborted.promise;
    await expect(callee.client.with({ signal: abort.signal }).echo(1)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  test('a stream of many items arrives in order and whole', async () => {
    await using callee = await carry(Callee);
    const items = await collect(await callee.client.count(1_000));
    expect(items).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  });

  test('a stream is not produced far ahead of its reader, who may leave it', async () => {
    await using callee = await carry(Callee);
    for await (const item of await callee.client.count(1e9)) if (item === 100) break;
    await callee.service.cleaned.promise;
    expect(callee.service.produced).toBeLessThan(200);
    expect(await callee.client.echo('still there')).toBe('still there');
  });

  test('a stream goes up, and is read as far as the callee reads', async () => {
    await using callee = await carry(Callee);
    expect(await callee.client.sum(upTo(1_000))).toBe(500_500);

    const seen = { count: 0 };
    expect(await callee.client.takesOne(upTo(1e9, seen))).toBe(1);
    expect(seen.count).toBeLessThan(100);
  });

  test('streams go both ways at once', async () => {
    await using callee = await carry(Callee);
    expect(await collect(await callee.client.mirror(upTo(300)))).toEqual(await collect(upTo(300)));
  });

  test('an error in mid-stream comes after what was sent before it', async () => {
    await using callee = await carry(Callee);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of await callee.client.breaks()) seen.push(item);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'SOLD_OUT', remedy: 'Order.' });
    expect(seen).toEqual([1, 2]);
  });

  test('an error of a stream that goes up is the error of the call', async () => {
    await using callee = await carry(Callee);
    const broken = async function* (): AsyncGenerator<number> {
      yield 1;
      throw Object.assign(new Error('no more'), { code: 'DRY' });
    };
    await expect(callee.client.sum(broken())).rejects.toMatchObject({ code: 'DRY' });
  });

  test('a stream that is aborted ends for both', async () => {
    await using callee = await carry(Callee);
    const abort = new AbortController();
    const reading = (async () => {
      for await (const item of await callee.client.with({ signal: abort.signal }).count(1e9)) {
        if (item === 10) abort.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    await callee.service.cleaned.promise;
    expect(callee.server?.inFlight() ?? 0).toBe(0);
  });
});
