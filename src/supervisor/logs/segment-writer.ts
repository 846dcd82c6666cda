import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { indexFile, type SegmentName, segmentFile } from './names.ts';
import { encodeEntry } from './time-index.ts';

/** The segment that is being written, and its index. What was written counts, also after an error. */
export class SegmentWriter implements AsyncDisposable {
  readonly from: number;
  readonly openedAt: number;
  size: number;
  readonly #data: FileHandle;
  readonly #index: FileHandle;

  private constructor(files: {
    readonly from: number;
    readonly data: FileHandle;
    readonly index: FileHandle;
    readonly size: number;
    readonly openedAt: number;
  }) {
    this.from = files.from;
    this.size = files.size;
    this.openedAt = files.openedAt;
    this.#data = files.data;
    this.#index = files.index;
  }

  /** Begins a segment, or goes on with one that a crash left. */
  static async open(logs: string, name: SegmentName): Promise<SegmentWriter> {
    const file = segmentFile(logs, name);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const data = await open(file, 'a', 0o600);
    const index = await open(indexFile(file), 'a', 0o600).catch(async (error: unknown) => {
      await data.close();
      throw error;
    });
    const { size, birthtimeMs } = await data.stat();
    return new SegmentWriter({ from: name.from, data, index, size, openedAt: birthtimeMs });
  }

  get end(): number {
    return this.from + this.size;
  }

  async append(chunk: Buffer, receivedAt: number): Promise<void> {
    await this.#index.write(encodeEntry({ offset: this.end, at: receivedAt }));
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#data.write(chunk, done, chunk.length - done);
      done += bytesWritten;
      this.size += bytesWritten;
    }
  }

  /** Someone deleted the file: what is written to it now is lost. */
  async isDeleted(): Promise<boolean> {
    return (await this.#data.stat()).nlink === 0;
  }

  /** To be called before the only other copy is given up. */
  async flush(): Promise<void> {
    await this.#data.datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#data.close(), this.#index.close()]);
  }
}
