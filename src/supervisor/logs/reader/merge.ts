import type { LogCursor, LogLine, LogQuery } from '../../../protocol/logs.ts';
import { spoolFile } from '../../../protocol/logs.ts';
import type { CataloguedStream } from '../catalog.ts';
import { namesOf, streamKey } from '../names.ts';
import { statOf } from './stream-bytes.ts';
import { TimedLines } from './timed-lines.ts';

type Head = {
  readonly stream: CataloguedStream;
  readonly lines: TimedLines;
  readonly offset: number;
  readonly line: LogLine;
  readonly at: number;
};

/** What opening a stream costs, in bytes that could have been read instead. */
const openingBytes = 4_096;

/**
 * The lines of many streams by their times. A stream is opened when it is its turn, and the order
 * inside a stream is never changed.
 */
export class Merge implements AsyncDisposable {
  readonly #logs: string;
  readonly #query: LogQuery;
  readonly #waiting: CataloguedStream[];
  readonly #offsets: Map<string, number>;
  readonly #heads: Head[] = [];
  #opened: number;
  scannedBytes = 0;

  constructor(logs: string, query: LogQuery, streams: readonly CataloguedStream[]) {
    const { opened = -1, offsets = {} } = query.cursor ?? {};
    this.#logs = logs;
    this.#query = query;
    this.#opened = opened;
    this.#offsets = new Map(Object.entries(offsets));
    this.#waiting = streams.filter(
      (stream) => stream.start > opened || this.#offsets.has(streamKey(stream)),
    );
    this.#forgetGone(streams);
  }

  /** Where the lines that were not taken begin. */
  get cursor(): LogCursor {
    const untaken = this.#heads.map(({ stream, offset }) => [streamKey(stream), offset] as const);
    const offsets = Object.fromEntries([...this.#offsets, ...untaken]);
    return { opened: this.#opened, offsets };
  }

  async next(): Promise<LogLine | undefined> {
    const head = await this.#earliest();
    if (head === undefined) return undefined;
    this.#heads.splice(this.#heads.indexOf(head), 1);
    this.scannedBytes += head.line.line.length + 1;
    await this.#pull(head.stream, head.lines);
    return head.line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { lines } of this.#heads) await lines[Symbol.asyncDispose]();
  }

  async #earliest(): Promise<Head | undefined> {
    for (;;) {
      const first = this.#heads.reduce<Head | undefined>(
        (a, b) => (a === undefined || b.at < a.at ? b : a),
        undefined,
      );
      const [waiting] = this.#waiting;
      if (waiting === undefined || (first !== undefined && first.at < waiting.start)) return first;
      this.#waiting.shift();
      await this.#open(waiting);
    }
  }

  async #open(stream: CataloguedStream): Promise<void> {
    const key = streamKey(stream);
    const offset = this.#offsets.get(key);
    this.#opened = Math.max(this.#opened, stream.start);
    this.scannedBytes += openingBytes;
    if (!this.#mayMatch(stream) || (await this.#isAtEnd(stream, offset))) return;
    const lines = new TimedLines(this.#logs, stream);
    if (offset !== undefined) lines.offset = offset;
    else if (this.#query.since !== undefined) await lines.seekTime(this.#query.since);
    await this.#pull(stream, lines);
  }

  async #pull(stream: CataloguedStream, lines: TimedLines): Promise<void> {
    const next = await lines.next();
    this.#offsets.delete(streamKey(stream));
    if (next === undefined) {
      if (stream.hasSpool) this.#offsets.set(streamKey(stream), lines.offset);
      await lines[Symbol.asyncDispose]();
      return;
    }
    this.#heads.push({ stream, lines, ...next, at: Date.parse(next.line.time) });
  }

  /** A worker of one service writes that service's lines only. */
  #mayMatch({ worker }: CataloguedStream): boolean {
    const { services } = this.#query;
    if (services.length === 0 || !worker.startsWith('_isolated:')) return true;
    return namesOf(worker).some((name) => services.includes(name));
  }

  /** Spares a follower that has read everything from opening every file again. */
  async #isAtEnd(stream: CataloguedStream, offset: number | undefined): Promise<boolean> {
    if (offset === undefined || !stream.hasSpool) return false;
    return (await statOf(spoolFile(this.#logs, stream))).size <= offset;
  }

  #forgetGone(streams: readonly CataloguedStream[]): void {
    const there = new Set(streams.map(streamKey));
    for (const key of this.#offsets.keys()) if (!there.has(key)) this.#offsets.delete(key);
  }
}
