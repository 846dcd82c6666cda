import type { Snapshot } from '../../protocol/control/messages.ts';
import { hintsOf } from '../keys.ts';
import { actionRows } from '../rows/actions.ts';
import type { Area } from '../rows/beside.ts';
import { besideCorners } from '../rows/box.ts';
import { headerRows } from '../rows/header.ts';
import { draw } from '../rows/line.ts';
import { logRows } from '../rows/log.ts';
import { menuRows } from '../rows/menu.ts';
import { planHeight, planRows } from '../rows/plan.ts';
import type { State } from '../state/state.ts';
import type { Dialog } from '../state/view.ts';
import { faded, type Theme } from '../theme.ts';
import { fittingHints, footerRow } from './footer.ts';
import { mainScreen } from './main-screen.ts';
import { readingRows } from './reading.ts';
import { replayRows } from './replay-bar.ts';
import { serviceScreen } from './service-screen.ts';
import { bodyRoom, type Size } from './size.ts';
import { isTinySize, tinyScreen } from './tiny-screen.ts';

/** The whole screen as rows of exact width: what is painted, and what tests read. */
export const screenRows = (state: State, { columns: width, rows }: Size, theme: Theme) => {
  const { snapshot, connection, readOnly, armedUntil, isFrozen } = state;
  const isPast = state.replay !== undefined;
  const look = connection === 'live' || isPast ? theme : faded(theme);
  const frame = { width, theme: look };
  if (snapshot === undefined) return [draw([' waiting for the supervisor'], frame)];
  if (isTinySize({ columns: width, rows })) return tinyScreen(state, snapshot, { ...frame, rows });
  const open = openOf(state);
  const header = headerRows(snapshot, {
    width,
    theme,
    connection,
    readOnly,
    armedUntil,
    isFrozen,
    isPast,
    file: state.replay?.file,
    ...(open === undefined ? {} : { open }),
  });
  const bar = replayRows(state, { width, theme });
  const room = bodyRoom(state, rows);
  const body = bodyRows(state, snapshot, { ...frame, rows: room }).slice(0, room);
  const blank = Array<string>(room - body.length).fill(draw([], frame));
  return [...header, ...body, ...blank, ...bar, footerRow(state, { width, theme })].slice(-rows);
};

const openOf = ({ view }: State): string | undefined => {
  switch (view.type) {
    case 'main':
      return undefined;
    case 'service':
      return view.name;
    case 'logs':
      return 'logs';
    case 'actions':
      return 'actions';
  }
};

const bodyRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const { dialog } = state;
  if ('from' in dialog) return readingRows(state, dialog, area);
  if (dialog.type === 'none') return viewRows(state, snapshot, area);
  const over = dialogRows(state, dialog, { snapshot, area });
  const rows = Math.max(0, area.rows - over.length);
  const above = rows === 0 ? [] : viewRows(state, snapshot, { ...area, rows }).slice(0, rows);
  const blank = Array<string>(rows - above.length).fill(draw([], area));
  return [...above, ...blank, ...over];
};

type Over = Extract<Dialog, { readonly type: 'plan' | 'menu' }>;

const dialogRows = (
  state: State,
  dialog: Over,
  { snapshot, area }: { readonly snapshot: Snapshot; readonly area: Area },
): readonly string[] => {
  // Its keys are in its lower edge.
  const foot = fittingHints(hintsOf(state), state, besideCorners(area.width));
  switch (dialog.type) {
    case 'plan': {
      const rows = Math.min(area.rows, planHeight(dialog.items));
      return planRows(snapshot, { ...area, ...dialog, rows, foot });
    }
    case 'menu':
      return menuRows({ ...area, ...dialog, foot }).slice(0, area.rows);
  }
};

const viewRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const { view } = state;
  switch (view.type) {
    case 'main':
      return mainScreen(state, snapshot, area);
    case 'service':
      return serviceScreen(state, { snapshot, open: view }, area);
    case 'logs': {
      const title = view.services.length === 0 ? 'all services' : view.services.join(', ');
      return logRows(state.logs, { ...area, title });
    }
    case 'actions':
      return actionRows(snapshot, { ...area, selected: view.selected });
  }
};
