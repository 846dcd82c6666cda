import { Command } from 'commander';
import type { AllocationReport, GroupAllocation } from '../../protocol/allocation.ts';
import { formatSize } from '../../protocol/units.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean };

export const explainCommand = (io: Io): Command =>
  new Command('explain').description('Say why something is as it is').addCommand(
    withTarget(new Command('allocation'))
      .description('Say how the cores and the memory are divided among the groups')
      .option('--json', 'print one JSON document, for scripts')
      .action(async (options: Options) => {
        await using supervisor = await attach(options);
        const report = await supervisor.request('allocation', {});
        if (options.json === true) printJson(io, report);
        else io.out(`${describeAllocation(report).join('\n')}\n`);
      }),
  );

export const describeAllocation = (report: AllocationReport): readonly string[] => {
  const width = Math.max(...report.groups.map(({ group }) => group.length));
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
  return `${group.group.padEnd(width)}  ${String(group.workers).padStart(3)}  ${group.why}${running}`;
};
