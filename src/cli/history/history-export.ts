import { type HistoryLine, historyFormat } from '../../protocol/history/file.ts';
import { historyPages } from '../../sdk/control/history.ts';
import { writeHistoryFile } from './history-file.ts';
import { type HistorySource, inputsOf } from './history-source.ts';

export type Period = { readonly from: number; readonly to: number };

/** Writes everything that is recorded of a period to a file. */
export const exportHistory = (source: HistorySource, file: string, period: Period): Promise<void> =>
  writeHistoryFile(file, linesOf(source, period));

async function* linesOf(source: HistorySource, { from, to }: Period): AsyncGenerator<HistoryLine> {
  yield { type: 'header', ...historyFormat, app: source.app, from, to };
  for await (const page of historyPages(source.history, { from, to })) yield { type: 'page', page };
  for (const action of await source.actions(from)) {
    if (Date.parse(action.startedAt) < to) yield { type: 'action', action };
  }
  for await (const input of inputsOf(source, { from, to })) yield { type: 'input', input };
}
