import { cpuSeconds, residentMb } from '../../helpers/process-usage.ts';
import type { FaultApp } from './fault-app.ts';

/** What the supervisor may take of the machine while something is done to it. */
type Budget = {
  /** More than it had before. */
  readonly memoryMb: number;
  /** Of a core; what is over in a moment has no share of it that says anything. */
  readonly cpuPercent?: number;
};

export const withinBudget = async (
  app: FaultApp,
  { memoryMb, cpuPercent }: Budget,
  use: () => Promise<unknown>,
): Promise<void> => {
  const { pid } = (await app.status()).supervisor;
  const [memory, cpu, startedAt] = [residentMb(pid), cpuSeconds(pid), performance.now()];
  await use();
  const grown = residentMb(pid) - memory;
  const share = ((cpuSeconds(pid) - cpu) / (performance.now() - startedAt)) * 100_000;
  app.note('supervisor more memory, MB', grown);
  if (cpuPercent !== undefined) app.note('supervisor CPU, % of a core', share);
  if (grown > memoryMb) throw new Error(`the supervisor grew by ${grown.toFixed(1)} MB`);
  if (cpuPercent !== undefined && share > cpuPercent)
    throw new Error(`the supervisor took ${share.toFixed(1)} % of a core`);
};
