import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Stream, spoolFile } from '../../protocol/logs.ts';
import type { LogsConfig } from '../config/app-config.ts';
import { giveBack } from '../process/give-back.ts';
import { type FileIdentity, removeSpool } from '../process/writers.ts';
import { segmentsOf } from './catalog.ts';
import { isRollDue } from './plan-rotation.ts';
import { SegmentWriter } from './segment-writer.ts';

const newline = 10;
/** More waits for the next pass, so that one loud worker does not keep the others waiting. */
export const passBytes = 4 * 1024 * 1024;

/**
 * The output of one process: a file that it appends to, and how far it is copied to the store.
 * Copies are byte for byte, so the end of the last segment is where to go on after a crash.
 */
export class Spool implements AsyncDisposable {
  readonly stream: Stream;
  readonly file: string;
  readonly #logs: string;
  readonly #handle: FileHandle;
  readonly #buffer: Buffer;
  #segment: SegmentWriter | undefined;
  #copied: number;
  givenBack = 0;

  private constructor(parts: {
    readonly logs: string;
    readonly stream: Stream;
    readonly handle: FileHandle;
    readonly buffer: Buffer;
    readonly segment: SegmentWriter | undefined;
    readonly copied: number;
  }) {
    this.#logs = parts.logs;
    this.stream = parts.stream;
    this.file = spoolFile(parts.logs, parts.stream);
    this.#handle = parts.handle;
    this.#buffer = parts.buffer;
    this.#segment = parts.segment;
    this.#copied = parts.copied;
  }

  /** Spools are copied one after the other, so one buffer serves all. */
  static async open(logs: string, stream: Stream, buffer: Buffer): Promise<Spool> {
    const handle = await open(spoolFile(logs, stream), 'r');
    try {
      const from = lastSegment(logs, stream);
      const segment =
        from === undefined ? undefined : await SegmentWriter.open(logs, { ...stream, from });
      const copied = segment?.end ?? (await endOfHole(handle, buffer));
      return new Spool({ logs, stream, handle, buffer, segment, copied });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get copied(): number {
    return this.#copied;
  }

  look(): FileIdentity & { readonly size: number } {
    return fstatSync(this.#handle.fd);
  }

  /** Copies lines, of an ended process also the last piece: all there are, or `passBytes` of them. */
  async copy(limits: LogsConfig, isEnded: boolean): Promise<number> {
    const before = this.#copied;
    while (this.#copied - before < passBytes) {
      const chunk = await this.#read(this.#copied);
      const length = wholeLines(chunk, { isEnded, isFull: chunk.length === this.#buffer.length });
      if (length === 0) break;
      const { mtimeMs } = await this.#handle.stat();
      await this.#append(chunk.subarray(0, length), mtimeMs, limits);
    }
    return this.#copied - before;
  }

  /** Gives up what lies before the first line after `to`; answers how many bytes that are. */
  async skip(to: number): Promise<number> {
    const from = to + (await this.#read(to)).indexOf(newline) + 1;
    // The new segment must be there before the skipped bytes are not: it marks the gap.
    const segment = await SegmentWriter.open(this.#logs, { ...this.stream, from });
    await this.#segment?.[Symbol.asyncDispose]();
    this.#segment = segment;
    const skipped = from - this.#copied;
    this.#copied = from;
    return skipped;
  }

  async giveBack(end: number): Promise<void> {
    await this.#segment?.flush();
    await giveBack(this.file, end);
    this.givenBack = end;
  }

  /** Ends the segment when its time has come, also when nothing more is written. */
  async rollIfDue(limits: LogsConfig): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    if (!isRollDue(segment, limits, Date.now()) && !(await segment.isDeleted())) return;
    this.#segment = await SegmentWriter.open(this.#logs, { ...this.stream, from: this.#copied });
    await segment[Symbol.asyncDispose]();
  }

  /** All is copied and its process is gone. */
  async remove(): Promise<void> {
    await this.#segment?.flush();
    removeSpool(this.file);
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#segment?.[Symbol.asyncDispose]();
    this.#segment = undefined;
    await this.#handle.close();
  }

  async #read(at: number): Promise<Buffer> {
    const { bytesRead } = await this.#handle.read(this.#buffer, 0, this.#buffer.length, at);
    return this.#buffer.subarray(0, bytesRead);
  }

  async #append(lines: Buffer, receivedAt: number, limits: LogsConfig): Promise<void> {
    await this.rollIfDue(limits);
    this.#segment ??= await SegmentWriter.open(this.#logs, {
      ...this.stream,
      from: this.#copied,
    });
    try {
      await this.#segment.append(lines, receivedAt);
    } finally {
      this.#copied = this.#segment.end;
    }
  }
}

/** How much of the front of a chunk to copy: whole lines, but a line larger than it in pieces. */
const wholeLines = (
  chunk: Buffer,
  { isEnded, isFull }: { readonly isEnded: boolean; readonly isFull: boolean },
): number => {
  if (isEnded && !isFull) return chunk.length;
  const end = chunk.lastIndexOf(newline) + 1;
  return end === 0 && isFull ? chunk.length : end;
};

const lastSegment = (logs: string, stream: Stream): number | undefined => {
  const segments = segmentsOf(logs, stream.worker);
  const offsets = segments.flatMap(({ start, from }) => (start === stream.start ? from : []));
  return offsets.length === 0 ? undefined : Math.max(...offsets);
};

/** Someone deleted the whole store: what had been given back by then reads as zeros. */
const endOfHole = async (handle: FileHandle, buffer: Buffer): Promise<number> => {
  const { size, blocks } = await handle.stat();
  if (blocks * 512 >= size) return 0;
  for (let offset = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    const zeros = buffer.subarray(0, bytesRead).findIndex((byte) => byte !== 0);
    if (zeros >= 0) return offset + zeros;
    if (bytesRead === 0) return offset;
    offset += bytesRead;
  }
};
