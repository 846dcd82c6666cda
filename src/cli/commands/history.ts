import { Command } from 'commander';
import { minutes } from '../../protocol/units.ts';
import { moment } from '../arguments.ts';
import type { Io } from '../io.ts';
import { type Target, withTarget } from '../target.ts';

type Options = Target & { readonly since?: number; readonly until?: number };

export const historyCommand = (io: Io): Command =>
  new Command('history').description('Take out what is recorded of the app').addCommand(
    withTarget(new Command('export'))
      .description(
        'Write a period to a file, for `forge top --replay FILE` and `forge advise --replay FILE`',
      )
      .argument('<file>', 'written as gzip, one JSON object a line')
      .option(
        '--since <time>',
        'from a time such as 2h (ago) or 2026-11-22T10:00Z on (default: 1h)',
        moment,
      )
      .option('--until <time>', 'up to this time (default: now)', moment)
      .action(async (file: string, options: Options) => {
        const { openHistory } = await import('../history/history-source.ts');
        const { exportHistory } = await import('../history/history-export.ts');
        const to = options.until ?? Date.now();
        const from = options.since ?? to - minutes(60);
        await using source = await openHistory(options);
        await exportHistory(source, file, { from, to });
        io.err(`wrote ${file}\n`);
      }),
  );
