import { Readable } from 'node:stream';
import type { StreamedAnswer } from './answers.ts';
import { jsonText } from './json-text.ts';

/** An answer whose first item takes longer has its head sent without one. */
const patienceMs = 1_000;

/**
 * A method that answers with a stream: one JSON document a line, as fast as the client reads. What
 * fails before the first item is thrown: it is an answer of its own, not the end of one. `refused`
 * hears of an item that JSON cannot write.
 */
export const streamOf = async (
  items: AsyncIterable<unknown>,
  refused: (error: unknown) => void,
): Promise<StreamedAnswer> => {
  const lines = new Lines(items[Symbol.asyncIterator](), refused);
  try {
    await lines.begun();
  } catch (error) {
    await lines.return();
    throw error;
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson; charset=utf-8' },
    body: Readable.from(lines),
  };
};

type Line = IteratorResult<string, undefined>;

class Lines implements AsyncIterableIterator<string, undefined> {
  readonly #source: AsyncIterator<unknown>;
  readonly #refused: (error: unknown) => void;
  #first: Promise<Line> | undefined;

  constructor(source: AsyncIterator<unknown>, refused: (error: unknown) => void) {
    this.#source = source;
    this.#refused = refused;
    this.#first = this.#read();
  }

  /** Resolves with the first item, or when it is not to be waited for; throws what comes before it. */
  begun(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, patienceMs);
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        end();
      };
      this.#first?.then(
        () => settle(resolve),
        (error) => settle(() => reject(error)),
      );
    });
  }

  next(): Promise<Line> {
    const line = this.#first ?? this.#read();
    this.#first = undefined;
    return line;
  }

  async return(): Promise<Line> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #read(): Promise<Line> {
    const { done, value } = await this.#source.next();
    return done === true ? { done, value: undefined } : { done: false, value: this.#line(value) };
  }

  #line(item: unknown): string {
    try {
      return `${jsonText(item)}\n`;
    } catch (error) {
      this.#refused(error);
      throw error;
    }
  }
}
