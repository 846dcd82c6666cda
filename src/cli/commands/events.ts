import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { appFiles } from '../../protocol/app-files.ts';
import type { TimelineEvent } from '../../protocol/control/messages.ts';
import { spoken } from '../../protocol/topology.ts';
import { minutes, seconds } from '../../protocol/units.ts';
import { moment } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { plain } from '../plain.ts';
import { attach, doWithout, findFolder, type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly since?: number;
};

/** As many as a supervisor has at hand. */
const shown = 200;
const lookEveryMs = 250;
/** What happened may be told a little later than it happened. */
const overlapMs = seconds(10);

export const eventsCommand = (io: Io): Command =>
  withTarget(new Command('events'))
    .description('List what happened: limits crossed, advice, actions, workers that ended')
    .option('-f, --follow', 'go on printing; without --since, from a minute ago')
    .option('--since <time>', 'all since a time such as 7d (ago) or 2026-11-22T10:00Z', moment)
    .option('--json', 'print one JSON document, with --follow one object a line')
    .action(async (options: Options) => {
      const print = printer(io, options);
      if (options.follow === true) await follow(io, options, print);
      else print(await readEvents(options, options.since));
    });

type Print = (events: readonly TimelineEvent[]) => void;

const printer =
  (io: Io, { json, follow: isFollowed }: Options): Print =>
  (events) => {
    if (json === true && isFollowed !== true) printJson(io, { version: 1, events });
    else if (events.length > 0) {
      io.out(events.map(json === true ? toJsonLine : describeEvent).join(''));
    }
  };

const toJsonLine = (event: TimelineEvent): string => `${JSON.stringify(event)}\n`;

/** One line: when, how bad, whom it concerns, and what. Nothing in it can steer the terminal. */
const describeEvent = ({ at, severity, service, text }: TimelineEvent): string =>
  `${at}  ${severity.padEnd(8)}  ${plain(spoken(service))}  ${plain(spoken(text)).replaceAll('\n', '\n    ')}\n`;

/** From the supervisor, or from the file when none answers. */
const readEvents = async (target: Target, since?: number): Promise<readonly TimelineEvent[]> => {
  try {
    await using supervisor = await attach(target);
    return (await supervisor.request('events', since === undefined ? {} : { since })).events;
  } catch (error) {
    doWithout(target, error);
    return readFile(await findFolder(target), { since, error });
  }
};

type Asked = { readonly since: number | undefined; readonly error: unknown };

const readFile = async (
  folder: string,
  { since, error }: Asked,
): Promise<readonly TimelineEvent[]> => {
  const file = appFiles.history(folder);
  if (!existsSync(file)) throw error;
  const { readStore } = await import('../../supervisor/history/store.ts');
  const { eventsIn, lastEvents } = await import('../../supervisor/history/records.ts');
  const read = readStore(file, (database) =>
    since === undefined ? lastEvents(database, shown) : eventsIn(database, since),
  );
  return read ?? [];
};

/** Until whoever reads hangs up; a supervisor that ends, and the next one, change nothing. */
const follow = async (io: Io, options: Options, print: Print): Promise<void> => {
  let since = options.since ?? Date.now() - minutes(1);
  let printed: ReadonlySet<string> = new Set();
  while (!io.isGone()) {
    const events = await readEvents(options, since);
    const known = printed;
    print(events.filter((event) => !known.has(JSON.stringify(event))));
    printed = new Set(events.map((event) => JSON.stringify(event)));
    since = Math.max(since, Date.now() - overlapMs);
    await pause(lookEveryMs);
  }
};
