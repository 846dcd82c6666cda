import type { ServiceConfig } from '../../protocol/topology.ts';
import { type Bytes, bytes, megabytes } from '../../protocol/units.ts';

/** What one worker may take: the largest limit among its services, but never more than there is. */
export const memoryLimitOf = (
  services: readonly Pick<ServiceConfig, 'memoryLimit'>[],
  available?: Bytes,
): Bytes | undefined => {
  const limits = services.flatMap(({ memoryLimit }) => memoryLimit ?? []);
  if (limits.length === 0) return undefined;
  return bytes(Math.min(Math.max(...limits), available ?? Number.POSITIVE_INFINITY));
};

/** Node and our own code, of which a worker that does nothing is made. */
const nodeItself = megabytes(64);
const leastHeap = megabytes(16);
/** Each is half of the space where objects are born; V8 holds up to three of them. */
const mostSemiSpace = megabytes(16);

/**
 * Flags that make V8 give up about where a limit is passed, but not before the soft line, where a
 * worker is replaced in peace: room is left for Node itself and for young objects only. Without its
 * flag the young generation alone may take 192 MB.
 */
export const heapFlags = (limit: Bytes): readonly string[] => {
  const semiSpace = Math.min(mostSemiSpace, Math.max(megabytes(1), limit / 32));
  const heap = Math.max(leastHeap, limit - nodeItself - 3 * semiSpace);
  return [
    `--max-old-space-size=${inMegabytes(heap)}`,
    `--max-semi-space-size=${inMegabytes(semiSpace)}`,
  ];
};

/**
 * A worker without a limit of its own gets flags only where V8's own choice would pass what there
 * is, as it does in a small container.
 */
export const heapFlagsWithin = (
  limit: Bytes | undefined,
  room: { readonly available: Bytes | undefined; readonly unlimitedHeap: Bytes },
): readonly string[] => {
  if (limit !== undefined) return heapFlags(limit);
  const { available, unlimitedHeap } = room;
  return available === undefined || available - nodeItself >= unlimitedHeap
    ? []
    : heapFlags(available);
};

const inMegabytes = (size: number): number => Math.floor(size / megabytes(1));
