import type { FileHandle } from 'node:fs/promises';

/** From `offset` on (in the stream), bytes were received at `at`, until the next entry. */
export type IndexEntry = { readonly offset: number; readonly at: number };

const entryBytes = 16;
const blockEntries = 256;

export const encodeEntry = ({ offset, at }: IndexEntry): Buffer => {
  const buffer = Buffer.allocUnsafe(entryBytes);
  buffer.writeDoubleLE(offset, 0);
  buffer.writeDoubleLE(at, 8);
  return buffer;
};

/** What a crash cut off at the end is no entry. */
export const decodeEntries = (buffer: Buffer): readonly IndexEntry[] =>
  Array.from({ length: Math.floor(buffer.length / entryBytes) }, (_, index) => ({
    offset: buffer.readDoubleLE(index * entryBytes),
    at: buffer.readDoubleLE(index * entryBytes + 8),
  }));

/** The entries that time the bytes from `from` to `to`. */
export const entriesBetween = async (
  index: FileHandle,
  from: number,
  to: number,
): Promise<readonly IndexEntry[]> => {
  const entries: IndexEntry[] = [];
  let number = await lastBefore(index, ({ offset }) => offset <= from);
  for (;;) {
    const block = await readBlock(index, number);
    const within = block.filter(({ offset }) => offset < to);
    entries.push(...within);
    if (within.length < block.length || block.length < blockEntries) return entries;
    number += blockEntries;
  }
};

/** Where a reader of lines since `time` may begin: everything before was received earlier. */
export const offsetSince = async (index: FileHandle, time: number): Promise<number | undefined> => {
  const [entry] = await readBlock(index, await lastBefore(index, ({ at }) => at < time));
  return entry?.offset;
};

/** Number of the last entry for which `holds`; 0 when there is none. Both columns only grow. */
const lastBefore = async (
  index: FileHandle,
  holds: (entry: IndexEntry) => boolean,
): Promise<number> => {
  let low = 0;
  let high = Math.floor((await index.stat()).size / entryBytes);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await readBlock(index, middle, 1);
    if (entry !== undefined && holds(entry)) low = middle;
    else high = middle;
  }
  return low;
};

const readBlock = async (
  index: FileHandle,
  number: number,
  count = blockEntries,
): Promise<readonly IndexEntry[]> => {
  const buffer = Buffer.allocUnsafe(count * entryBytes);
  const { bytesRead } = await index.read(buffer, 0, buffer.length, number * entryBytes);
  return decodeEntries(buffer.subarray(0, bytesRead));
};
