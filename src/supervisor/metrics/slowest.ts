import type { SlowCalls } from '../../protocol/slow-calls.ts';
import type { WorkerProcess } from '../process/worker-process.ts';

const shown = 20;

export type Asked = Pick<SlowCalls, 'calls' | 'silent'>;

/** Asks each of the workers that answer for it, and merges what they say. */
export const askSlowest = async (
  service: string,
  workers: readonly WorkerProcess[],
): Promise<Asked> => {
  const answering = workers.filter(
    ({ services, status }) =>
      services.includes(service) && (status === 'ready' || status === 'draining'),
  );
  const answers = await Promise.all(
    answering.map(async (worker) => ({ worker: worker.id, calls: await worker.slowest(service) })),
  );
  const calls = answers.flatMap(({ worker, calls = [] }) =>
    calls.map(({ at, ...call }) => ({ ...call, at: new Date(at).toISOString(), worker })),
  );
  return {
    calls: calls.toSorted((a, b) => b.tookMs - a.tookMs).slice(0, shown),
    silent: answers.flatMap(({ worker, calls }) => (calls === undefined ? [worker] : [])),
  };
};
