import type { AllocationReport, GroupAllocation } from '../protocol/allocation.ts';
import { spoken } from '../protocol/topology.ts';
import { formatSize } from '../protocol/units.ts';

export const describeAllocation = (report: AllocationReport): readonly string[] => {
  const width = Math.max(...report.groups.map(({ group }) => spoken(group).length));
  return [
    describeBudget(report),
    ...report.groups.map((group) => describeGroup(group, width)),
    ...report.warnings.map(({ limit, text }) => `! ${limit}: ${text}`),
  ];
};

const describeBudget = ({ budget, workerCores }: AllocationReport): string => {
  const kept = budget.cores - workerCores >= 1 ? ', 1 for supervisor and ingress' : '';
  const memory =
    budget.memoryBytes === undefined ? '' : `; ${formatSize(budget.memoryBytes)} of memory`;
  const bounds = [budget.coresBound, budget.memoryBound].filter(
    (bound) => bound !== undefined && bound !== 'machine',
  );
  const limited = bounds.length === 0 ? '' : ` (limited by ${bounds.join(' and ')})`;
  return `${workerCores} of ${budget.cores} core${budget.cores === 1 ? '' : 's'} for workers${kept}${memory}${limited}`;
};

const describeGroup = (group: GroupAllocation, width: number): string => {
  const running = group.running === group.workers ? '' : `; ${group.running} run now`;
  return `${spoken(group.group).padEnd(width)}  ${String(group.workers).padStart(3)}  ${group.why}${running}`;
};
