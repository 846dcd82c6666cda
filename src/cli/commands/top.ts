import { Command } from 'commander';
import { duration } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { attach, findSocket, type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly plain?: boolean;
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
    .option('--json', 'print one snapshot as JSON; with --follow one object a line')
    .option('--follow', 'go on printing: what is new, or with --json each snapshot')
    .option('--plain', 'in words and without a screen: lines are added, commands are typed')
    .option('--ascii', 'draw with ASCII characters only')
    .option('--read-only', 'watch, and change nothing')
    .option('--mouse', 'take clicks and the wheel; marking text then needs shift')
    .option('--quiet', 'no bell and no notification when a service becomes critical')
    .option('--every <time>', 'time between two frames', duration, 1_000)
    .action(async (options: Options) => {
      if (options.follow === true && options.plain !== true) await follow(io, options);
      else if (options.json === true || options.once === true) await once(io, options);
      else if (isSpoken(options, process.env)) await talk(io, options);
      else if (io.interactive) await watch(io, options);
      else await once(io, options);
    });

/** A terminal without a screen, or somebody who listens to it. */
const isSpoken = ({ plain }: Options, env: NodeJS.ProcessEnv): boolean =>
  plain === true || env['TERM'] === 'dumb' || env['INK_SCREEN_READER'] === 'true';

const once = async (io: Io, options: Options): Promise<void> => {
  await using supervisor = await attach(options);
  const snapshot = await supervisor.request('snapshot', {});
  const { plainReport, worstExit } = await import('../../tui/plain/report.ts');
  if (options.json === true) printJson(io, { version: 1, ...snapshot });
  else io.out(`${plainReport(snapshot, { width: io.columns, ascii: options.ascii === true })}\n`);
  io.exitWith(worstExit(snapshot));
};

/** Until whoever reads hangs up, or the supervisor ends. */
const follow = async (io: Io, options: Options): Promise<void> => {
  await using supervisor = await attach(options);
  const { changesBetween } = await import('../../tui/plain/changes.ts');
  const { plainReport, worstExit } = await import('../../tui/plain/report.ts');
  const width = { width: io.columns, ascii: options.ascii === true };
  let last = await supervisor.subscribe(options.every, (snapshot) => {
    if (io.isGone()) supervisor.close();
    if (options.json === true) io.out(`${JSON.stringify({ version: 1, ...snapshot })}\n`);
    else
      io.out(
        changesBetween(last, snapshot)
          .map((line) => `${line}\n`)
          .join(''),
      );
    last = snapshot;
  });
  io.out(
    options.json === true
      ? `${JSON.stringify({ version: 1, ...last })}\n`
      : `${plainReport(last, width)}\n`,
  );
  await supervisor.closed;
  io.exitWith(worstExit(last));
};

const socketOf = async (options: Options) => ({
  socketPath: await findSocket(options),
  readOnly: options.readOnly === true,
  ascii: options.ascii === true,
  everyMs: options.every,
});

const talk = async (io: Io, options: Options): Promise<void> => {
  const { talk: inWords } = await import('../../tui/plain/talk.ts');
  io.exitWith(await inWords({ ...(await socketOf(options)), columns: io.columns, say: io.out }));
};

const watch = async (io: Io, options: Options): Promise<void> => {
  const { openTop } = await import('../../tui/open.ts');
  const look = { mouse: options.mouse === true, quiet: options.quiet === true };
  io.exitWith(await openTop({ ...(await socketOf(options)), ...look }));
};
