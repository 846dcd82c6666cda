import { Command } from 'commander';
import { duration } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { attach, findSocket, type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly ascii?: boolean;
  readonly readOnly?: boolean;
  readonly mouse?: boolean;
  readonly quiet?: boolean;
  readonly every: number;
};

export const topCommand = (io: Io): Command =>
  withTarget(new Command('top'))
    .description('Watch the app and act on the advice, in the terminal')
    .option('--once', 'print the table and the advice once; exit 10 or 20 when under pressure')
    .option('--json', 'print one snapshot as JSON')
    .option('--ascii', 'draw with ASCII characters only')
    .option('--read-only', 'watch, and change nothing')
    .option('--mouse', 'take clicks and the wheel; marking text then needs shift')
    .option('--quiet', 'no bell and no notification when a service becomes critical')
    .option('--every <time>', 'time between two frames', duration, 1_000)
    .action(async (options: Options) => {
      if (options.json === true || options.once === true || !io.interactive)
        await once(io, options);
      else await watch(io, options);
    });

const once = async (io: Io, options: Options): Promise<void> => {
  await using supervisor = await attach(options);
  const snapshot = await supervisor.request('snapshot', {});
  const { plainReport, worstExit } = await import('../../tui/plain.ts');
  if (options.json === true) printJson(io, { version: 1, ...snapshot });
  else io.out(`${plainReport(snapshot, { width: io.columns, ascii: options.ascii === true })}\n`);
  io.exitWith(worstExit(snapshot));
};

const watch = async (io: Io, options: Options): Promise<void> => {
  const socketPath = await findSocket(options);
  const { openTop } = await import('../../tui/open.ts');
  io.exitWith(
    await openTop({
      socketPath,
      readOnly: options.readOnly === true,
      ascii: options.ascii === true,
      mouse: options.mouse === true,
      quiet: options.quiet === true,
      everyMs: options.every,
    }),
  );
};
