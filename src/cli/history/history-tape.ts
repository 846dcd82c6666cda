import { decodeInput } from '../../advisor/replay/input.ts';
import type { Action } from '../../protocol/action.ts';
import { historyFileInvalid } from '../../protocol/errors.ts';
import type { HistoryPage } from '../../protocol/history/messages.ts';
import { defaultThresholds, type Thresholds } from '../../protocol/thresholds.ts';
import { joinPages } from '../../sdk/control/history.ts';
import type { Recorded } from '../../tui/state/tape.ts';
import { readHistoryFile } from './history-file.ts';

/** A file that was exported, as the console shows it. */
export const readTape = async (file: string): Promise<Recorded> => {
  const pages: HistoryPage[] = [];
  const actions: Action[] = [];
  let app = '';
  let thresholds: Thresholds = defaultThresholds;
  for await (const line of readHistoryFile(file)) {
    switch (line.type) {
      case 'header':
        app = line.app;
        break;
      case 'page':
        pages.push(line.page);
        break;
      case 'action':
        actions.push(line.action);
        break;
      case 'input': {
        const input = decodeInput(line.input);
        if (input?.type === 'settings') thresholds = input.settings.thresholds;
      }
    }
  }
  const history = joinPages(pages);
  if (history.at.length === 0) throw historyFileInvalid(file, 'it has no moment');
  // A file does not say which machine it is from.
  return { app, machine: '', thresholds, history, actions };
};
