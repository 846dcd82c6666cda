import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import type { Advice } from '../../protocol/advice.ts';
import { minutes } from '../../protocol/units.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { describeAdvice } from '../../tui/plain/describe-advice.ts';
import { describeCalibration } from '../advice/describe-calibration.ts';
import { duration, moment, timeOption } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';
import { describeAction } from './actions.ts';

type Printing = Target & { readonly json?: boolean };

type Options = Printing & {
  readonly watch?: boolean;
  readonly calibration?: boolean;
  readonly failOn?: 'warning' | 'critical';
  readonly since?: number;
  readonly replay?: string;
};

export const adviseCommand = (io: Io): Command =>
  withTarget(new Command('advise'))
    .description('Say which services to scale, split or migrate, and why')
    .option('--json', 'print one JSON document, for scripts; one a line with --watch')
    .option('--watch', 'print it again whenever it changes')
    .option('--calibration', 'say how far it could be relied on: advice that helped, predictions')
    .addOption(
      new Option('--fail-on <severity>', 'exit 10 or 20 when there is such advice')
        .choices(['warning', 'critical'])
        .conflicts(['calibration']),
    )
    .option('--since <time>', 'what would have been advised since a time such as 2h (ago)', moment)
    .option('--replay <file>', 'the same for what `forge history export` wrote to a file')
    .action(async (options: Options) => {
      if (options.since !== undefined || options.replay !== undefined) {
        const { printReplayed } = await import('../history/replay-advice.ts');
        await printReplayed(io, options);
        return;
      }
      await using supervisor = await attach(options);
      if (options.calibration === true) await calibration(io, supervisor, options);
      else if (options.watch === true) await watch(io, supervisor, options);
      else print(io, await supervisor.request('advise', {}), options);
    })
    .addCommand(acceptCommand(io))
    .addCommand(dismissCommand(io))
    .addCommand(snoozeCommand(io));

const print = (io: Io, advice: Advice, options: Options): void => {
  if (options.json === true) printJson(io, advice);
  else io.out(describeAdvice(advice, io.columns));
  io.exitWith(severityExit(advice, options.failOn));
};

const severityExit = (advice: Advice, failOn: Options['failOn']): number => {
  if (failOn === undefined) return 0;
  const severities = advice.recommendations.map((each) => each.severity);
  if (severities.includes('critical')) return 20;
  return failOn === 'warning' && severities.includes('warning') ? 10 : 0;
};

const watch = async (io: Io, supervisor: ControlClient, options: Options): Promise<void> => {
  const { watchAdvice } = await import('../advice/watch-advice.ts');
  const exit = await watchAdvice(io, supervisor, {
    isJson: options.json === true,
    isEnough: (advice) => severityExit(advice, options.failOn) !== 0,
  });
  io.exitWith(exit === undefined ? 0 : severityExit(exit, options.failOn));
};

const calibration = async (io: Io, supervisor: ControlClient, { json }: Options): Promise<void> => {
  const document = await supervisor.request('calibration', {});
  if (json === true) printJson(io, document);
  else io.out(describeCalibration(document));
};

const acceptCommand = (io: Io): Command =>
  withTarget(new Command('accept'))
    .description('Do what a recommendation says')
    .argument('<id>', 'as `forge advise` prints it')
    .option('--json', 'print the action as one JSON document')
    .action(async (recommendation: string, options: Printing) => {
      await using supervisor = await attach(options, 'operator');
      const action = await supervisor.request('accept', { id: randomUUID(), recommendation });
      if (options.json === true) printJson(io, action);
      else io.out(`${describeAction(action)}\n`);
    });

type PuttingAway = Printing & { readonly why?: string; readonly for?: number };

const dismissCommand = (io: Io): Command =>
  withTarget(new Command('dismiss'))
    .description('Put a recommendation away as wrong; it stays away unless it becomes worse')
    .argument('<id>', 'as `forge advise` prints it')
    .requiredOption(
      '--why <text>',
      'your reason, shown where the advice is kept back and by --calibration',
    )
    .option('--for <time>', 'how long (default: 10 min)', duration)
    .option('--json', 'print what is advised now as one JSON document')
    .action((recommendation: string, options: PuttingAway) =>
      putAway(io, options, { recommendation, isSnoozed: false }),
    );

const snoozeCommand = (io: Io): Command =>
  withTarget(new Command('snooze'))
    .description('Put a recommendation away for a while, without calling it wrong')
    .argument('<id>', 'as `forge advise` prints it')
    .addOption(timeOption('--for <time>', 'how long', { parse: duration, usually: minutes(60) }))
    .option('--why <text>', 'your reason, shown where the advice is kept back')
    .option('--json', 'print what is advised now as one JSON document')
    .action((recommendation: string, options: PuttingAway) =>
      putAway(io, options, { recommendation, isSnoozed: true }),
    );

const putAway = async (
  io: Io,
  options: PuttingAway,
  what: { readonly recommendation: string; readonly isSnoozed: boolean },
): Promise<void> => {
  await using supervisor = await attach(options, 'operator');
  const { why = '' } = options;
  const time = options.for === undefined ? {} : { forMs: options.for };
  await supervisor.request('dismiss', { ...what, why, ...time });
  if (options.json === true) printJson(io, await supervisor.request('advise', {}));
  else io.err(`${what.isSnoozed ? 'snoozed' : 'dismissed'} ${what.recommendation}\n`);
};
