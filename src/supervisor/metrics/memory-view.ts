import type { ServiceView } from '../../advisor/view.ts';
import { type Bytes, megabytes } from '../../protocol/units.ts';

type MemoryView = Pick<ServiceView, 'memoryMbPerWorker' | 'memoryLimitMb'>;

/** What the ready processes of a service take, as the advisor sees it. */
export const toMemoryView = (rssBytes: readonly number[], limit: Bytes | undefined): MemoryView => {
  const all = rssBytes.reduce((sum, one) => sum + one, 0);
  return {
    memoryMbPerWorker: all / Math.max(1, rssBytes.length) / megabytes(1),
    ...(limit !== undefined && { memoryLimitMb: limit / megabytes(1) }),
  };
};
