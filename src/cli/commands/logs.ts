import { setTimeout as pause } from 'node:timers/promises';
import { Command, Option } from 'commander';
import {
  type LogCursor,
  type LogLevel,
  type LogLine,
  type LogQuery,
  logLevels,
} from '../../protocol/logs.ts';
import { minutes } from '../../protocol/units.ts';
import { examples, moment, pattern } from '../arguments.ts';
import type { Io } from '../io.ts';
import type { LogSource } from '../logs/log-source.ts';
import { logText } from '../logs/log-text.ts';
import { type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly follow?: boolean;
  readonly grep?: RegExp;
  readonly level?: LogLevel;
  readonly since?: number;
  readonly json?: boolean;
};

const lookEveryMs = 250;

export const logsCommand = (io: Io): Command =>
  withTarget(new Command('logs'))
    .description('Print what the services wrote, in the order of time')
    .argument('[services...]', 'services, groups or workers (default: all)')
    .option('-f, --follow', 'go on printing; without --since, from a minute ago')
    .option('--grep <re>', 'only lines that match a regular expression', pattern)
    .addOption(
      new Option('--level <level>', 'this level and worse; what tells none counts as info').choices(
        logLevels,
      ),
    )
    .option('--since <time>', 'a time such as 10m (ago) or 2026-11-22T10:00Z', moment)
    .option('--json', 'print one JSON document, with --follow one object a line')
    .addHelpText(
      'after',
      examples(
        'logs -f',
        'logs users orders --since 10m --level warn',
        'logs --grep 4bf92f3577b34da6',
      ),
    )
    .action(async (services: readonly string[], options: Options) => {
      const { LogSource } = await import('../logs/log-source.ts');
      using source = await LogSource.open(options);
      const pages = readOn(source, toQuery(services, options), { io, ...options });
      if (options.json === true && options.follow !== true) await printDocument(io, pages);
      else await printLines(io, pages, options.json === true ? toJsonLine : logText);
    });

const toQuery = (services: readonly string[], { follow, level, since }: Options): LogQuery => {
  const from = since ?? (follow === true ? Date.now() - minutes(1) : undefined);
  return {
    services,
    ...(level === undefined ? {} : { level }),
    ...(from === undefined ? {} : { since: from }),
  };
};

/** Page after page, each asked for when the one before is printed: nothing piles up anywhere. */
async function* readOn(
  source: LogSource,
  query: LogQuery,
  { io, follow, grep }: Pick<Options, 'follow' | 'grep'> & { readonly io: Io },
): AsyncGenerator<readonly LogLine[]> {
  let cursor: LogCursor | undefined;
  while (!io.isGone()) {
    const page = await source.read(cursor === undefined ? query : { ...query, cursor });
    cursor = page.cursor;
    yield grep === undefined ? page.lines : page.lines.filter(({ line }) => grep.test(line));
    if (page.isCaughtUp && follow !== true) return;
    if (page.isCaughtUp) await pause(lookEveryMs);
  }
}

type Pages = AsyncIterable<readonly LogLine[]>;

const printLines = async (
  io: Io,
  pages: Pages,
  toText: (line: LogLine) => string,
): Promise<void> => {
  for await (const lines of pages) if (lines.length > 0) io.out(lines.map(toText).join(''));
};

/** Written as it is read: the logs of an app need not fit into memory. What is refused is not begun. */
const printDocument = async (io: Io, pages: Pages): Promise<void> => {
  let separator = '{ "version": 1, "lines": [\n';
  for await (const lines of pages) {
    for (const line of lines) {
      io.out(`${separator}${JSON.stringify(line)}`);
      separator = ',\n';
    }
  }
  io.out(separator === ',\n' ? '\n] }\n' : `${separator}] }\n`);
};

const toJsonLine = (line: LogLine): string => `${JSON.stringify(line)}\n`;
