import { supervisorName } from '../protocol/logs.ts';
import { keepOutput } from '../sdk/channel/output.ts';
import type { Supervisor } from './supervisor.ts';

/** Resolves when the app has stopped; SIGINT and SIGTERM stop it. */
export const runUntilStopped = async (supervisor: Supervisor): Promise<void> => {
  keepOutput(supervisorName);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void supervisor.stop().catch(() => undefined));
  }
  await supervisor.closed;
};
