import type { WorkerSample } from '../../protocol/metrics.ts';
import { type Bytes, bytes, formatSize } from '../../protocol/units.ts';

export type MemorySample = Pick<WorkerSample, 'rssBytes' | 'heapUsedBytes' | 'externalBytes'>;

export type MemoryVerdict = {
  /** `replace`: a new worker first, then this one drains. `kill`: there is no time for that. */
  readonly action: 'replace' | 'kill';
  readonly reason: string;
};

/** The part of the limit from which on a worker is replaced. */
const softLine = 0.9;
/** A single sample may stand for a moment that has passed. */
const leastSamples = 2;

/**
 * What to do about a worker's memory, by its samples, oldest first. A worker that has been over the
 * soft line for all that is known did not grow to it: the next one would be there at once as well.
 */
export const memoryVerdict = (
  samples: readonly MemorySample[],
  limit: Bytes,
): MemoryVerdict | undefined => {
  const held = samples.map(heldBytes);
  const now = formatSize(held.at(-1) ?? bytes(0));
  if (isOver(held, limit)) {
    return { action: 'kill', reason: `memory of ${now} is over its limit of ${formatSize(limit)}` };
  }
  const line = limit * softLine;
  const hasGrown = held.some((size) => size <= line);
  if (!hasGrown || !isOver(held, line)) return undefined;
  return {
    action: 'replace',
    reason: `memory of ${now} is over ${softLine * 100} % of its limit of ${formatSize(limit)}`,
  };
};

/**
 * What is resident includes the buffers outside of the heap, but neither what was swapped out nor
 * what was promised and not yet touched.
 */
const heldBytes = ({ rssBytes, heapUsedBytes, externalBytes = 0 }: MemorySample): Bytes =>
  bytes(Math.max(rssBytes, heapUsedBytes + externalBytes));

const isOver = (held: readonly number[], line: number): boolean =>
  held.length >= leastSamples && held.slice(-leastSamples).every((size) => size > line);
