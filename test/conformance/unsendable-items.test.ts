import { ReadableStream } from 'node:stream/web';
import { describe, expect, test } from 'vitest';
import { Service } from '../../src/sdk/service.ts';
import { carriers } from '../helpers/carriers.ts';

const circle: { self?: unknown } = {};
circle.self = circle;

class Unwilling {
  toJSON(): never {
    throw new Error('not me');
  }
}

const items = {
  aSet: new Set([1]),
  aCircle: circle,
  unwilling: new Unwilling(),
} as const;

type What = keyof typeof items;
const kinds = Object.keys(items) as What[];

/** More than a frame can hold. */
const long = 'x'.repeat(9 * 1024 * 1024);

/** Is told when nobody wants what it would have next. */
async function* one(item: unknown, ended: () => void): AsyncGenerator<unknown> {
  try {
    yield 1;
    yield item;
    yield 2;
  } finally {
    ended();
  }
}

class Callee extends Service {
  static readonly contract = {
    expose: ['items', 'longItem', 'large', 'takes', 'locked', 'longError', 'echo'],
  };
  readonly ended = Promise.withResolvers<void>();

  items(what: What): AsyncIterable<unknown> {
    return one(items[what], () => this.ended.resolve());
  }

  longItem(): AsyncIterable<unknown> {
    return one(long, () => this.ended.resolve());
  }

  async *large(): AsyncGenerator<bigint> {
    yield 10n ** 20n;
  }

  /** What it reads last, and how that ends. */
  async takes(sent: AsyncIterable<unknown>): Promise<unknown> {
    let last: unknown;
    try {
      for await (const item of sent) last = item;
    } catch {
      return last;
    }
    return 'the end';
  }

  /** Somebody else reads it. */
  locked(): AsyncIterable<unknown> {
    const stream = new ReadableStream();
    stream.getReader();
    return stream;
  }

  async *longError(): AsyncGenerator<number> {
    yield 1;
    throw Object.assign(new Error('no more'), { facts: { long } });
  }

  echo(value: unknown): unknown {
    return value;
  }
}

const collect = async (sent: AsyncIterable<unknown>): Promise<readonly unknown[]> => {
  const seen: unknown[] = [];
  try {
    for await (const item of sent) seen.push(item);
  } catch (error) {
    seen.push(error);
  }
  return seen;
};

describe.each(carriers)('a stream over %s', (_name, carry) => {
  test('may have items that are large integers', async () => {
    await using callee = await carry(Callee);
    expect(await collect(await callee.client.large())).toEqual([10n ** 20n]);
  });

  test.each(kinds)('ends at both ends at an item that cannot be sent: %s', async (what) => {
    await using callee = await carry(Callee);
    const { client, service } = callee;
    expect(await collect(await client.items(what))).toEqual([1, expect.any(Error)]);
    await service.ended.promise;
    expect(await client.echo('still there')).toBe('still there');
    expect(callee.server?.inFlight() ?? 0).toBe(0);
  });

  test.each(kinds)('that goes up ends in the same way: %s', async (what) => {
    await using callee = await carry(Callee);
    const ended = Promise.withResolvers<void>();
    expect(await callee.client.takes(one(items[what], ended.resolve))).toBe(1);
    await ended.promise;
    expect(await callee.client.echo('still there')).toBe('still there');
  });

  test('is counted as failed by who could not send an item of it', async () => {
    await using callee = await carry(Callee);
    await collect(await callee.client.items('aCircle'));
    expect(callee.errors()).toBe(1);
  });

  test('that somebody else reads fails the call, and nobody waits for its items', async () => {
    await using callee = await carry(Callee);
    await expect(callee.client.locked()).rejects.toThrow('locked');
    const { locked } = Callee.prototype;
    await expect(callee.client.takes(locked())).rejects.toThrow('locked');
    expect(callee.server?.inFlight() ?? 0).toBe(0);
  });
});

const links = carriers.filter(([name]) => name !== 'one worker');

describe.each(links)('what is too large for a frame, over %s,', (_name, carry) => {
  test('ends its stream at both ends', async () => {
    await using callee = await carry(Callee);
    const tooLarge = expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' });
    expect(await collect(await callee.client.longItem())).toEqual([1, tooLarge]);
    await callee.service.ended.promise;
    expect(callee.errors()).toBe(1);
    const ended = Promise.withResolvers<void>();
    expect(await callee.client.takes(one(long, ended.resolve))).toBe(1);
    await ended.promise;
  });

  test('and is the error of a stream, is told by one that says so', async () => {
    await using callee = await carry(Callee);
    const tooLarge = expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' });
    expect(await collect(await callee.client.longError())).toEqual([1, tooLarge]);
    expect(callee.server?.inFlight()).toBe(0);
  });
});
