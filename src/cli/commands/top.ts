import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { minutes, seconds } from '../../protocol/units.ts';
import { timeOption, wait } from '../arguments.ts';
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
  readonly replay?: string;
  readonly host?: string;
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
    .addOption(
      timeOption('--every <time>', 'time between two frames', { parse: wait, usually: seconds(1) }),
    )
    .addOption(
      new Option(
        '--replay <file>',
        'look at a history that was exported, in place of an app',
      ).conflicts(['once', 'json', 'follow', 'plain', 'host']),
    )
    .option('--host <user@machine>', 'an app on another machine, reached by ssh')
    .action(async (options: Options) => {
      const way = wayOf(options, io);
      if (options.host === undefined) return way(io, options);
      const { openHost } = await import('../host.ts');
      await using host = await openHost(options.host, options);
      await way(io, { ...options, socket: host.socketPath });
    });

type Way = (io: Io, options: Options) => Promise<void>;

const wayOf = (options: Options, io: Io): Way => {
  if (options.replay !== undefined) return replay;
  if (options.follow === true && options.plain !== true) return follow;
  if (options.json === true || options.once === true) return once;
  if (options.plain === true) return talk;
  if (!io.interactive) return once;
  return isSpoken(process.env) ? talk : watch;
};

/** A terminal without a screen, or somebody who listens to it. */
const isSpoken = (env: NodeJS.ProcessEnv): boolean =>
  env['TERM'] === 'dumb' || env['INK_SCREEN_READER'] === 'true';

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

const lookOf = (options: Options) => ({
  ascii: options.ascii === true,
  mouse: options.mouse === true,
  quiet: options.quiet === true,
});

/** Whoever named a socket, or a machine, has not said where the config is. */
const isHere = ({ socket, host }: Options): boolean => socket === undefined && host === undefined;

const watch = async (io: Io, options: Options): Promise<void> => {
  const { openTop } = await import('../../tui/open.ts');
  const { showBoard: board } = await import('../wallboard.ts');
  const { Hosts } = await import('../hosts.ts');
  await using hosts = new Hosts();
  const found = await socketOf(options);
  const edit = isHere(options)
    ? { edit: (await import('../edit-config.ts')).editConfig(options, found.socketPath) }
    : {};
  io.exitWith(
    await openTop({ ...found, ...lookOf(options), save, reach: hosts.reach, board, ...edit }),
  );
};

const replay = async (io: Io, options: Options): Promise<void> => {
  const { replay: file = '' } = options;
  const { openReplay } = await import('../../tui/open.ts');
  const { readTape } = await import('../history/history-tape.ts');
  const recorded = await readTape(file);
  io.exitWith(await openReplay({ file: basename(file), recorded, ...lookOf(options) }));
};

const savedMs = minutes(10);

const save = async (socket: string, to: number): Promise<string> => {
  const { openHistory } = await import('../history/history-source.ts');
  const { exportHistory } = await import('../history/history-export.ts');
  await using source = await openHistory({ socket });
  const time = new Date(to).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const file = resolve(`forge-${source.app}-${time}Z.gz`);
  await exportHistory(source, file, { from: to - savedMs, to: to + 1 });
  return file;
};
