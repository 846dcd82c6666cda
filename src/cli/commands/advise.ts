import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import type { Advice } from '../../protocol/advice.ts';
import { moment } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';
import { describeAction } from './actions.ts';

type Options = Target & {
  readonly json?: boolean;
  readonly failOn?: 'warning' | 'critical';
  readonly since?: number;
  readonly replay?: string;
};

export const adviseCommand = (io: Io): Command =>
  withTarget(new Command('advise'))
    .description('Say which services to scale, split or migrate, and why')
    .option('--json', 'print one JSON document, for scripts')
    .addOption(
      new Option('--fail-on <severity>', 'exit 10 or 20 when there is such advice').choices([
        'warning',
        'critical',
      ]),
    )
    .option('--since <time>', 'what would have been advised since a time such as 2h (ago)', moment)
    .option('--replay <file>', 'the same for what `forge history export` wrote to a file')
    .action(async (options: Options) => {
      if (options.since !== undefined || options.replay !== undefined) {
        const { printReplayed } = await import('../replay-advice.ts');
        await printReplayed(io, options);
        return;
      }
      await using supervisor = await attach(options);
      const advice = await supervisor.request('advise', {});
      if (options.json === true) printJson(io, advice);
      else io.out(describeAdvice(advice));
      io.exitWith(severityExit(advice, options.failOn));
    })
    .addCommand(acceptCommand(io))
    .addCommand(dismissCommand(io));

const severityExit = (advice: Advice, failOn: Options['failOn']): number => {
  if (failOn === undefined) return 0;
  const severities = advice.recommendations.map((each) => each.severity);
  if (severities.includes('critical')) return 20;
  return failOn === 'warning' && severities.includes('warning') ? 10 : 0;
};

const describeAdvice = ({ recommendations, notAdvised }: Advice): string => {
  const lines = recommendations.flatMap((each) => [
    `${each.id}  ${each.severity.padEnd(8)} ${each.action} ${each.service} (confidence ${each.confidence.toFixed(2)})`,
    `  why   ${each.reason}`,
    `  do    ${each.command}   or: forge advise accept ${each.id}`,
  ]);
  const not = notAdvised.map((each) => `not ${each.action} ${each.service}: ${each.because}`);
  const head = recommendations.length === 0 ? ['Nothing to do: no service is under pressure'] : [];
  return `${[...head, ...lines, ...not].join('\n')}\n`;
};

const acceptCommand = (io: Io): Command =>
  withTarget(new Command('accept'))
    .description('Do what a recommendation says')
    .argument('<id>', 'as `forge advise` prints it')
    .option('--json', 'print the action as one JSON document')
    .action(async (recommendation: string, options: Options) => {
      await using supervisor = await attach(options, 'operator');
      const action = await supervisor.request('accept', { id: randomUUID(), recommendation });
      if (options.json === true) printJson(io, action);
      else io.out(`${describeAction(action)}\n`);
    });

const dismissCommand = (io: Io): Command =>
  withTarget(new Command('dismiss'))
    .description('Put a recommendation away')
    .argument('<id>', 'as `forge advise` prints it')
    .requiredOption('--why <text>', 'kept in the journal')
    .action(async (recommendation: string, options: Target & { readonly why: string }) => {
      await using supervisor = await attach(options, 'operator');
      await supervisor.request('dismiss', { recommendation, why: options.why });
      io.err(`dismissed ${recommendation}\n`);
    });
