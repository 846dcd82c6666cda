import { Command } from 'commander';
import type { HistoryLine } from '../../protocol/history/file.ts';
import { minutes } from '../../protocol/units.ts';
import { moment } from '../arguments.ts';
import type { HistorySource } from '../history-source.ts';
import type { Io } from '../io.ts';
import { type Target, withTarget } from '../target.ts';

type Options = Target & { readonly since?: number; readonly until?: number };

export const historyCommand = (io: Io): Command =>
  new Command('history').description('Take out what is recorded of the app').addCommand(
    withTarget(new Command('export'))
      .description('Write a period to a file, for `forge advise --replay FILE` and the like')
      .argument('<file>', 'written as gzip, one JSON object a line')
      .option('--since <time>', 'a time such as 1h (ago), the default, or a moment', moment)
      .option('--until <time>', 'up to this time (default: now)', moment)
      .action(async (file: string, options: Options) => {
        const { openHistory } = await import('../history-source.ts');
        const { writeHistoryFile } = await import('../history-file.ts');
        const to = options.until ?? Date.now();
        const from = options.since ?? to - minutes(60);
        await using source = await openHistory(options);
        await writeHistoryFile(file, linesOf(source, { from, to }));
        io.err(`wrote ${file}\n`);
      }),
  );

type Period = { readonly from: number; readonly to: number };

async function* linesOf(source: HistorySource, { from, to }: Period): AsyncGenerator<HistoryLine> {
  const { historyFormat } = await import('../../protocol/history/file.ts');
  const { historyPages } = await import('../../sdk/control/history.ts');
  const { inputsOf } = await import('../history-source.ts');
  yield { type: 'header', ...historyFormat, app: source.app, from, to };
  for await (const page of historyPages(source.history, { from, to })) yield { type: 'page', page };
  for (const action of await source.actions(from)) {
    if (Date.parse(action.startedAt) < to) yield { type: 'action', action };
  }
  for await (const input of inputsOf(source, { from, to })) yield { type: 'input', input };
}
