import { spoolFile } from '../../../protocol/logs.ts';
import { isOwnerAlive } from '../../process/writers.ts';
import type { CataloguedStream } from '../catalog.ts';
import type { IndexEntry } from '../time-index.ts';
import { type Chunk, StreamBytes } from './stream-bytes.ts';

/** A line as it lies in its stream. */
export type RawLine = {
  readonly offset: number;
  readonly text: string;
  readonly receivedAt: number;
};

const newline = 10;
/** A line longer than this is given in pieces. */
const pieceBytes = 256 * 1024;

/** Who has written nothing more for so long waits with the end of its line, as one that asks does. */
const quietMs = 1_000;

/** Cuts a stream into lines. */
export class StreamLines implements AsyncDisposable {
  readonly #bytes: StreamBytes;
  readonly #spool: string;
  readonly #hasSpool: boolean;
  #carry: Buffer = Buffer.alloc(0);
  #times: readonly IndexEntry[];
  /** Where the next line begins. */
  offset = 0;

  constructor(logs: string, stream: CataloguedStream) {
    this.#bytes = new StreamBytes(logs, stream);
    this.#spool = spoolFile(logs, stream);
    this.#hasSpool = stream.hasSpool;
    this.#times = [{ offset: 0, at: stream.start }];
  }

  async seekTime(time: number): Promise<void> {
    this.offset = await this.#bytes.offsetSince(time);
  }

  /** The next line; undefined when there is none yet, which may change while there is a spool. */
  async next(): Promise<RawLine | undefined> {
    for (;;) {
      const length = lineLength(this.#carry);
      if (length > 0) return this.#take(length);
      const end = this.offset + this.#carry.length;
      const chunk = await this.#bytes.read(end);
      if (chunk === undefined) return this.#isOver() || this.#isQuiet() ? this.#rest() : undefined;
      // What lies before a gap has no end; the gap is met again when it is taken.
      if (chunk.from > end && this.#carry.length > 0) return this.#rest();
      this.#append(chunk);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bytes[Symbol.asyncDispose]();
  }

  #append({ from, bytes, times }: Chunk): void {
    if (this.#carry.length === 0) this.offset = from;
    this.#carry = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#times = [...this.#times, ...times];
  }

  /** Nobody will finish a line that has no end yet. */
  #isOver(): boolean {
    return !this.#hasSpool || !isOwnerAlive(this.#spool);
  }

  #isQuiet(): boolean {
    const receivedAt = this.#times.at(-1)?.at ?? Number.POSITIVE_INFINITY;
    return Date.now() - receivedAt > quietMs;
  }

  #rest(): RawLine | undefined {
    return this.#carry.length === 0 ? undefined : this.#take(this.#carry.length);
  }

  #take(length: number): RawLine {
    const { offset } = this;
    const bytes = this.#carry.subarray(0, length);
    const text = (bytes.at(-1) === newline ? bytes.subarray(0, -1) : bytes).toString();
    this.#carry = this.#carry.subarray(length);
    this.offset += length;
    return { offset, text, receivedAt: this.#timeAt(offset) };
  }

  #timeAt(offset: number): number {
    const last = this.#times.findLastIndex((entry) => entry.offset <= offset);
    if (last > 0) this.#times = this.#times.slice(last);
    return this.#times[0]?.at ?? 0;
  }
}

/** Of the first line with its end, or of as much of it as may be given at once; 0 for none. */
const lineLength = (carry: Buffer): number => {
  const end = carry.indexOf(newline) + 1;
  if (end > 0 && end <= pieceBytes) return end;
  return carry.length <= pieceBytes ? 0 : beforeSplitCharacter(carry, pieceBytes);
};

/** A character of several bytes is not torn: its later bytes begin with the bits 10. */
const beforeSplitCharacter = (carry: Buffer, end: number): number => {
  const isInside = (index: number): boolean => ((carry[index] ?? 0) & 0xc0) === 0x80;
  let start = end;
  while (end - start < 3 && isInside(start)) start -= 1;
  return isInside(start) ? end : start;
};
