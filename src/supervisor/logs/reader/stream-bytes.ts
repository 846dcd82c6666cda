import { type FileHandle, open, stat } from 'node:fs/promises';
import { spoolFile } from '../../../protocol/logs.ts';
import { type CataloguedStream, segmentsOf } from '../catalog.ts';
import { indexFile, segmentFile } from '../names.ts';
import { entriesBetween, type IndexEntry, offsetSince } from '../time-index.ts';

export type Chunk = {
  readonly from: number;
  readonly bytes: Buffer;
  /** When its parts were received. */
  readonly times: readonly IndexEntry[];
};

type OpenSegment = {
  readonly from: number;
  readonly data: FileHandle;
  readonly index: FileHandle | undefined;
};

const chunkBytes = 64 * 1024;
/** The clock of files goes in steps and is up to this much behind that of a line. */
const clockStepMs = 20;

/** A stream wherever its bytes are: in segments, and what is not copied yet in its spool. */
export class StreamBytes implements AsyncDisposable {
  readonly #logs: string;
  readonly #stream: CataloguedStream;
  #segments: readonly number[];
  #open: OpenSegment | undefined;
  #spool: FileHandle | undefined;

  constructor(logs: string, stream: CataloguedStream) {
    this.#logs = logs;
    this.#stream = stream;
    this.#segments = stream.segments;
  }

  /** Where to begin for lines since `time`; everything before was received earlier. */
  async offsetSince(time: number): Promise<number> {
    for (const from of this.#segments) {
      const { mtimeMs, size } = await statOf(this.#fileOf(from));
      const isBefore = mtimeMs + clockStepMs < time;
      if (isBefore && from !== this.#segments.at(-1)) continue;
      if (isBefore) return from + size;
      const segment = await this.#segment(from);
      const index = segment?.index;
      return index === undefined ? from : ((await offsetSince(index, time)) ?? from);
    }
    return 0;
  }

  /** The bytes at an offset, or behind a gap the next ones; undefined when there are none by now. */
  async read(offset: number): Promise<Chunk | undefined> {
    const stored = await this.#readStore(offset);
    if (stored !== undefined || !this.#stream.hasSpool) return stored;
    const at = Math.max(offset, this.#segments.at(-1) ?? 0);
    const tail = await this.#readSpool(at);
    // Copied meanwhile, the spool may read as zeros there: then a segment has it.
    return (await this.#isCopied(at)) ? this.read(at) : tail;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeSegment();
    await this.#spool?.close();
  }

  async #readStore(offset: number): Promise<Chunk | undefined> {
    const first = this.#segments.findLastIndex((start) => start <= offset);
    for (const from of this.#segments.slice(Math.max(0, first))) {
      const chunk = await this.#readSegment(from, Math.max(from, offset));
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  async #readSegment(from: number, at: number): Promise<Chunk | undefined> {
    const segment = await this.#segment(from);
    if (segment === undefined) return undefined;
    const bytes = await readAt(segment.data, at - from);
    if (bytes.length === 0) return undefined;
    const times =
      segment.index === undefined ? [] : await entriesBetween(segment.index, at, at + bytes.length);
    return { from: at, bytes, times };
  }

  /** Opens a segment unless it is open; one that was deleted meanwhile is a gap. */
  async #segment(from: number): Promise<OpenSegment | undefined> {
    if (this.#open?.from === from) return this.#open;
    await this.#closeSegment();
    const data = await openOf(this.#fileOf(from));
    if (data === undefined) {
      this.#segments = this.#segments.filter((start) => start !== from);
      return undefined;
    }
    this.#open = { from, data, index: await openOf(indexFile(this.#fileOf(from))) };
    return this.#open;
  }

  async #readSpool(at: number): Promise<Chunk | undefined> {
    this.#spool ??= await openOf(spoolFile(this.#logs, this.#stream));
    if (this.#spool === undefined) return undefined;
    const bytes = await readAt(this.#spool, at);
    const { mtimeMs } = await this.#spool.stat();
    return bytes.length === 0
      ? undefined
      : { from: at, bytes, times: [{ offset: at, at: mtimeMs }] };
  }

  /** Looks again whether a segment has what lies at an offset or behind it. */
  async #isCopied(at: number): Promise<boolean> {
    const { worker, start } = this.#stream;
    this.#segments = segmentsOf(this.#logs, worker)
      .flatMap((segment) => (segment.start === start ? segment.from : []))
      .toSorted((a, b) => a - b);
    const last = this.#segments.at(-1);
    return last !== undefined && last + (await statOf(this.#fileOf(last))).size > at;
  }

  async #closeSegment(): Promise<void> {
    await this.#open?.data.close();
    await this.#open?.index?.close();
    this.#open = undefined;
  }

  #fileOf(from: number): string {
    return segmentFile(this.#logs, { ...this.#stream, from });
  }
}

const readAt = async (file: FileHandle, position: number): Promise<Buffer> => {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
  return buffer.subarray(0, bytesRead);
};

/** Undefined for a file that is not there (any more). */
const openOf = async (file: string): Promise<FileHandle | undefined> => {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const gone = { size: 0, mtimeMs: 0 };

export const statOf = async (
  file: string,
): Promise<{ readonly size: number; readonly mtimeMs: number }> => stat(file).catch(() => gone);
