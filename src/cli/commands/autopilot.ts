import { Argument, Command } from 'commander';
import { type AutopilotMode, autopilotModes } from '../../protocol/autopilot.ts';
import type { Status } from '../../protocol/metrics.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean };

export const autopilotCommand = (io: Io): Command =>
  withTarget(new Command('autopilot'))
    .description('Say whether advice is only watched for, suggested or carried out; or choose that')
    .addArgument(new Argument('[mode]', 'what it is to do from now on').choices(autopilotModes))
    .option('--json', 'print one JSON document, for scripts')
    .action(async (mode: AutopilotMode | undefined, options: Options) => {
      const { app, at, autopilot } = await answered(mode, options);
      if (options.json === true) printJson(io, { version: 1, app, at, ...autopilot });
      else io.out(`${autopilot?.mode ?? 'unknown'}\n`);
    });

const answered = async (mode: AutopilotMode | undefined, target: Target): Promise<Status> => {
  await using supervisor = await attach(target, mode === undefined ? 'viewer' : 'operator');
  return mode === undefined
    ? await supervisor.request('status', {})
    : await supervisor.request('autopilot', { mode });
};
