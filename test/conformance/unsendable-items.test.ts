import { ReadableStream } from 'node:stream/web';
import { describe, expect, test } from 'vitest';
import { maxFrameBytes } from '../../src/protocol/rpc/frame.ts';
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
  aSymbol: Symbol('no data'),
  aMapOfObjects: new Map([[{ id: 7 }, 'seven']]),
  unwilling: new Unwilling(),
} as const;

type What = keyof typeof items;
const kinds = Object.keys(items) as What[];

/** More than a frame can hold. */
const long = 'x'.repeat(9 * 1024 * 1024);

const tooLarge = { code: 'MESSAGE_TOO_LARGE', remedy: expect.stringContaining('in parts') };

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
    expose: [
      'items',
      'longItem',
      'large',
      'takes',
      'locked',
      'longError',
      'fails',
      'aSet',
      'letters',
      'echo',
    ],
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

  fails(): never {
    throw Object.assign(new Error('no more'), { facts: { long } });
  }

  aSet(): unknown {
    return items.aSet;
  }

  /** So many letters, as one text or as many. */
  letters(count: number, parts = 1): unknown {
    const text = 'x'.repeat(count / parts);
    return parts === 1 ? text : Array.from({ length: parts }, () => text);
  }

  echo(value: unknown, _more?: unknown): unknown {
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

describe.each(carriers)('what is too large for a frame, over %s,', (_name, carry) => {
  test('ends its stream at both ends', async () => {
    await using callee = await carry(Callee);
    const seen = [1, expect.objectContaining(tooLarge)];
    expect(await collect(await callee.client.longItem())).toEqual(seen);
    await callee.service.ended.promise;
    expect(callee.errors()).toBe(1);
    const ended = Promise.withResolvers<void>();
    expect(await callee.client.takes(one(long, ended.resolve))).toBe(1);
    await ended.promise;
  });

  test('and is in the facts of an error, stays away from it', async () => {
    await using callee = await carry(Callee);
    const bare = expect.objectContaining({ message: 'no more', facts: {} });
    expect(await collect(await callee.client.longError())).toEqual([1, bare]);
    await expect(callee.client.fails()).rejects.toEqual(bare);
    expect(callee.server?.inFlight() ?? 0).toBe(0);
  });

  test('is refused as an answer, and counted by who gave it', async () => {
    await using callee = await carry(Callee);
    await expect(callee.client.letters(long.length)).rejects.toMatchObject(tooLarge);
    await expect(callee.client.letters(long.length, 1_000)).rejects.toMatchObject(tooLarge);
    expect(callee.errors()).toBe(2);
  });

  test('begins at the same letter', async () => {
    await using callee = await carry(Callee);
    // Beside the text a frame has a head, and the text its length.
    const most = maxFrameBytes - 22 - 5;
    expect(await callee.client.letters(most)).toHaveLength(most);
    await expect(callee.client.letters(most + 1)).rejects.toMatchObject(tooLarge);
  });

  test('is refused as an argument, also in parts that are not', async () => {
    await using callee = await carry(Callee);
    const { echo } = callee.client;
    await expect(echo(long)).rejects.toMatchObject(tooLarge);
    await expect(echo(long.slice(0, long.length / 2), long)).rejects.toMatchObject(tooLarge);
    const part = long.slice(0, long.length * 0.6);
    await expect(echo(part, part)).rejects.toMatchObject(tooLarge);
    expect(await echo(part, 'and more')).toBe(part);
  });
});

test.each(carriers)(
  'an answer that is no data is counted by who gave it, over %s',
  async (_name, carry) => {
    await using callee = await carry(Callee);
    await expect(callee.client.aSet()).rejects.toMatchObject({ code: 'PAYLOAD_REFUSED' });
    expect(callee.errors()).toBe(1);
  },
);
