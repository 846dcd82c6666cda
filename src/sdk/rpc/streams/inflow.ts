import { badMessage } from '../../../protocol/errors.ts';
import { windowItems } from './stream.ts';

export type InflowEnds = {
  /** There is room for more. */
  readonly grant: (items: number) => void;
  /** Nobody reads it any more, although it has not ended. */
  readonly stop: () => void;
};

type Reader = {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

const over = { done: true, value: undefined } as const;

/** The items of a stream as they arrive; whoever sends them is asked for more as they are read. */
export class Inflow implements AsyncIterableIterator<unknown, undefined> {
  readonly #ends: InflowEnds;
  readonly #items: unknown[] = [];
  readonly #readers: Reader[] = [];
  #read = 0;
  #end: { readonly error?: unknown } | undefined;

  constructor(ends: InflowEnds) {
    this.#ends = ends;
    ends.grant(windowItems);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift();
      this.#consumed();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end !== undefined) return this.#last(this.#end);
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#items.length = 0;
    if (this.#end === undefined) {
      this.#ends.stop();
      this.ended();
    }
    return over;
  }

  arrived(item: unknown): void {
    if (this.#end !== undefined) return;
    const reader = this.#readers.shift();
    if (reader === undefined) {
      if (this.#items.length >= windowItems)
        throw badMessage('The peer', 'more than was asked for');
      this.#items.push(item);
    } else {
      this.#consumed();
      reader.resolve({ done: false, value: item });
    }
  }

  ended(): void {
    this.#end ??= {};
    for (const { resolve } of this.#readers.splice(0)) resolve(over);
  }

  /** What has arrived is read first; then comes the error, once. */
  failed(error: unknown): void {
    if (this.#end !== undefined) return;
    const [first, ...others] = this.#readers.splice(0);
    this.#end = first === undefined ? { error } : {};
    first?.reject(error);
    for (const { resolve } of others) resolve(over);
  }

  #last(end: { readonly error?: unknown }): Promise<IteratorResult<unknown, undefined>> {
    this.#end = {};
    return 'error' in end ? Promise.reject(end.error) : Promise.resolve(over);
  }

  #consumed(): void {
    this.#read += 1;
    if (this.#read < windowItems / 2 || this.#end !== undefined) return;
    this.#ends.grant(this.#read);
    this.#read = 0;
  }
}
