import { type LogLine, type LogRecord, parseLogRecord } from '../../../protocol/logs.ts';
import type { CataloguedStream } from '../catalog.ts';
import { toLogLine } from './log-line.ts';
import { type RawLine, StreamLines } from './stream-lines.ts';

export type TimedLine = { readonly offset: number; readonly line: LogLine };

type Waiting = { readonly raw: RawLine; readonly record: LogRecord | undefined };

/** So much is looked through for a line that knows its time behind those that do not. */
const lookAheadBytes = 64 * 1024;

/**
 * The lines of a stream with their times. Text is received up to 0.2 s after it was written, when
 * lines behind it may say an earlier time of themselves: it is taken to be no later than the next
 * of those, and no earlier than the one before.
 */
export class TimedLines implements AsyncDisposable {
  readonly #lines: StreamLines;
  readonly #worker: string;
  /** Lines that do not know their time, and behind them at most one that does. */
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isAtEnd = false;
  #knownTime = Number.NEGATIVE_INFINITY;

  constructor(logs: string, stream: CataloguedStream) {
    this.#lines = new StreamLines(logs, stream);
    this.#worker = stream.worker;
  }

  /** Where the next line begins, once `next` found none. */
  get offset(): number {
    return this.#lines.offset;
  }

  set offset(offset: number) {
    this.#lines.offset = offset;
  }

  async seekTime(time: number): Promise<void> {
    await this.#lines.seekTime(time);
  }

  /** The next line; undefined when there is none yet, which may change while there is a spool. */
  async next(): Promise<TimedLine | undefined> {
    await this.#lookAhead();
    const first = this.#waiting.shift();
    if (first === undefined) return undefined;
    this.#waitingBytes -= first.raw.text.length;
    const { raw, record } = first;
    const line = toLogLine(raw.text, { worker: this.#worker, record, at: this.#timeOf(raw) });
    if (record !== undefined) this.#knownTime = Date.parse(record.time);
    return { offset: raw.offset, line };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines[Symbol.asyncDispose]();
  }

  async #lookAhead(): Promise<void> {
    if (this.#waiting.length === 0) this.#isAtEnd = false;
    while (
      !this.#isAtEnd &&
      this.#nextRecord === undefined &&
      this.#waitingBytes < lookAheadBytes
    ) {
      const raw = await this.#lines.next();
      this.#isAtEnd = raw === undefined;
      if (raw === undefined) return;
      this.#waiting.push({ raw, record: parseLogRecord(raw.text, this.#worker) });
      this.#waitingBytes += raw.text.length;
    }
  }

  get #nextRecord(): LogRecord | undefined {
    return this.#waiting.at(-1)?.record;
  }

  #timeOf({ receivedAt }: RawLine): number {
    const next = this.#nextRecord?.time;
    const notAfter = next === undefined ? receivedAt : Math.min(receivedAt, Date.parse(next));
    return Math.max(notAfter, this.#knownTime);
  }
}
