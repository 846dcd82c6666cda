import type { ServiceView } from '../../advisor/view.ts';
import { type Bytes, megabytes } from '../../protocol/units.ts';

type MemoryView = Pick<ServiceView, 'memoryMbPerWorker' | 'largestWorker' | 'memoryLimitMb'>;
type Size = { readonly id: string; readonly rssBytes: number };

/** What the ready processes of a service take, as the advisor sees it. */
export const toMemoryView = (sizes: readonly Size[], limit: Bytes | undefined): MemoryView => {
  const all = sizes.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  const [largest] = sizes.toSorted((a, b) => b.rssBytes - a.rssBytes);
  return {
    memoryMbPerWorker: all / Math.max(1, sizes.length) / megabytes(1),
    ...(largest !== undefined && {
      largestWorker: { id: largest.id, memoryMb: largest.rssBytes / megabytes(1) },
    }),
    ...(limit !== undefined && { memoryLimitMb: limit / megabytes(1) }),
  };
};
