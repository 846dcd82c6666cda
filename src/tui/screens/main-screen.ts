import type { Snapshot } from '../../protocol/control/messages.ts';
import { hintsOf } from '../keys.ts';
import { adviceList } from '../rows/advice-list.ts';
import { advisorRows } from '../rows/advisor.ts';
import type { Area } from '../rows/beside.ts';
import { besideCorners } from '../rows/box.ts';
import { draw, type Line } from '../rows/line.ts';
import { serviceRows } from '../rows/services.ts';
import { tableHead } from '../rows/table.ts';
import { type TimelineOptions, timelineRows } from '../rows/timeline.ts';
import { type State, visibleServices, watchedService } from '../state/state.ts';
import { fittingHints } from './footer.ts';
import { sharesOf } from './shares.ts';
import { trendIn } from './trend.ts';

/** The services; below them the advice, then the timeline. */
export const mainScreen = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  if (state.isSmall) return onePane(state, snapshot, area);
  const services = Math.max(1, visibleServices(state).length);
  const panel = adviceRows(state, snapshot, area).length;
  const shares = sharesOf(area.rows - 1, { services, panel, panelMin: Math.min(panel, 6) });
  return [
    tableHead(area),
    ...tableRows(state, snapshot, { ...area, rows: shares.table }),
    ...adviceRows(state, snapshot, { ...area, rows: shares.panel }),
    ...timelineRows(snapshot, { ...area, ...watched(state), rows: shares.timeline }),
  ];
};

/** Where there is room for one part only, tab turns to the next. */
const onePane = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  switch (state.pane) {
    case 1:
      return adviceRows(state, snapshot, area);
    case 2:
      return timelineRows(snapshot, { ...area, ...watched(state) });
    default:
      return [tableHead(area), ...tableRows(state, snapshot, { ...area, rows: area.rows - 1 })];
  }
};

const tableRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const services = visibleServices(state);
  if (services.length === 0) {
    return [draw([`   no service fits "${state.filter}", escape clears it`], area)];
  }
  const { selected, marks, pins } = state;
  return serviceRows(services, { ...area, snapshot, selected, marks, pins });
};

/** On a wide screen a list of all advice stands beside the one that is read. */
const adviceRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  // The plan that is open says all of it again, and more.
  if (state.dialog.type === 'plan') return [];
  const one = (at: Area, isListed = false): readonly string[] =>
    advisorRows(snapshot, {
      ...at,
      isListed,
      index: state.advice,
      foot: adviceHints(state, at.width),
    });
  if (area.width < 110 || snapshot.advice.recommendations.length < 2) return one(area);
  const listWidth = Math.min(56, Math.floor(area.width * 0.4));
  const right = one({ ...area, width: area.width - listWidth }, true);
  const left = adviceList(snapshot, {
    ...area,
    width: listWidth,
    rows: right.length,
    index: state.advice,
  });
  return left.map((row, index) => row + (right[index] ?? ''));
};

const adviceHints = (state: State, width: number): Line =>
  fittingHints(
    hintsOf(state).filter(({ keys: [key] }) => key !== undefined && 'adn'.includes(key)),
    state,
    besideCorners(width),
  );

const watched = (state: State): Pick<TimelineOptions, 'service' | 'trend'> => {
  const service = watchedService(state);
  return { service, trend: trendIn(state, service) };
};
