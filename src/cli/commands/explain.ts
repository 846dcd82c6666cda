import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean };

export const explainCommand = (io: Io): Command =>
  withTarget(new Command('explain'))
    .description('Say why the advisor says what it says of a service')
    .argument('<what>', 'a service, or a recommendation as `forge advise` prints it')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (of: string, options: Options) => {
      await using supervisor = await attach(options);
      const explanation = await supervisor.request('explain', { of });
      if (options.json === true) printJson(io, explanation);
      else {
        const { describeExplanation } = await import('../../tui/plain/describe-explanation.ts');
        io.out(describeExplanation(explanation, io.columns));
      }
    })
    .addCommand(allocationCommand(io));

const allocationCommand = (io: Io): Command =>
  withTarget(new Command('allocation'))
    .description('Say how the cores and the memory are divided among the groups')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      await using supervisor = await attach(options);
      const report = await supervisor.request('allocation', {});
      if (options.json === true) printJson(io, report);
      else {
        const { describeAllocation } = await import('../describe-allocation.ts');
        io.out(`${describeAllocation(report).join('\n')}\n`);
      }
    });
