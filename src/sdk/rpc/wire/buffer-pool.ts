import { bytesOf, type Packed } from './payload.ts';

/** A chunk of 64 KB, as files and sockets give them, and what the codec puts before it. */
const spareBytes = 96 * 1024;
const mostSpares = 32;

const spares: Buffer[] = [];

/**
 * A copy of a payload that is to be written. The memory is that of one that has been: what is
 * allocated outside of the heap makes the collector run all the more often.
 */
export const copyToWrite = (payload: Packed): Buffer => {
  const size = payload.end - payload.start;
  if (size > spareBytes) return bytesOf(payload);
  const spare = spares.pop() ?? Buffer.allocUnsafeSlow(spareBytes);
  payload.copy(spare, 0, payload.start, payload.end);
  return spare.subarray(0, size);
};

export const isSpare = ({ buffer }: Buffer): boolean => buffer.byteLength === spareBytes;

/** It has been written. */
export const giveBack = ({ buffer }: Buffer): void => {
  if (spares.length < mostSpares) spares.push(Buffer.from(buffer, 0, spareBytes));
};
