import type { Snapshot } from '../../protocol/control/messages.ts';
import { hintsOf, sections } from '../keys.ts';
import { advisorRows } from '../rows/advisor.ts';
import { detailRows } from '../rows/detail.ts';
import { headerRows } from '../rows/header.ts';
import { helpRows } from '../rows/help.ts';
import { draw, type Frame, type Line } from '../rows/line.ts';
import { planRows } from '../rows/plan.ts';
import { serviceRow, tableHead } from '../rows/table.ts';
import { timelineRows } from '../rows/timeline.ts';
import { currentAdvice, type State, selectedService, visibleServices } from '../state/state.ts';
import type { Theme } from '../theme.ts';
import { footerRow, hintLine } from './footer.ts';
import { sharesOf } from './shares.ts';

export type Size = { readonly columns: number; readonly rows: number };

type Area = Frame & { readonly rows: number };

/** The whole screen as rows of exact width: what Ink shows, and what tests read. */
export const screenRows = (
  state: State,
  { columns: width, rows }: Size,
  theme: Theme,
): readonly string[] => {
  const { snapshot, connection, readOnly } = state;
  const frame = { width, theme };
  if (snapshot === undefined) return [draw([' waiting for the supervisor'], frame)];
  const header = headerRows(snapshot, { ...frame, connection, readOnly });
  const room = Math.max(0, rows - header.length - 1);
  const body = bodyRows(state, snapshot, { ...frame, rows: room }).slice(0, room);
  const blank = Array<string>(room - body.length).fill(draw([], frame));
  return [...header, ...body, ...blank, footerRow(state, frame)].slice(-rows);
};

const bodyRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  switch (state.dialog.type) {
    case 'none':
    case 'plan':
      return mainRows(state, snapshot, area);
    case 'help':
      return helpRows(sections, area);
    case 'detail':
      return openRows(state, snapshot, area);
  }
};

/** The services; below them the advice, or the plan that is to be read now; then the timeline. */
const mainRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const services = Math.max(1, visibleServices(state).length);
  const panel = panelRows(state, snapshot, area).length;
  const panelMin = state.dialog.type === 'plan' ? panel : Math.min(panel, 6);
  const shares = sharesOf(area.rows - 1, { services, panel, panelMin });
  return [
    tableHead(area),
    ...tableRows(state, snapshot, { ...area, rows: shares.table }),
    ...panelRows(state, snapshot, { ...area, rows: shares.panel }),
    ...timelineRows(snapshot, { ...area, service: watched(state), rows: shares.timeline }),
  ];
};

/** The table scrolls with the selection. */
const tableRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const services = visibleServices(state);
  if (services.length === 0) {
    return [draw([`   no service has "${state.filter}" in its name, escape clears it`], area)];
  }
  const last = Math.max(0, services.length - area.rows);
  const first = Math.max(0, Math.min(state.selected - Math.floor(area.rows / 2), last));
  return services.slice(first, first + area.rows).map((service, index) => {
    const selected = first + index === state.selected;
    return serviceRow(service, { snapshot, theme: area.theme }, { ...area, selected });
  });
};

const panelRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const { dialog } = state;
  return dialog.type === 'plan'
    ? planRows(snapshot, { ...area, ...dialog, foot: hintLine(hintsOf(state)) })
    : advisorRows(snapshot, { ...area, index: state.advice, foot: adviceHints(state) });
};

const adviceHints = (state: State): Line =>
  hintLine(hintsOf(state).filter(({ keys: [key] }) => key !== undefined && 'adn'.includes(key)));

/** One service with its workers, the advice on it, and what happened in its last minute. */
const openRows = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const service = selectedService(state);
  if (service === undefined) return [];
  const detail = detailRows(service, snapshot, area);
  const index = snapshot.advice.recommendations.findIndex(({ service: on }) => on === service.name);
  const advised = { ...area, rows: area.rows - detail.length, index };
  const advice = index < 0 ? [] : advisorRows(snapshot, advised);
  const rows = area.rows - detail.length - advice.length;
  const events = snapshot.events.filter((event) => event.service === service.name);
  const own = { ...snapshot, events };
  const timeline = timelineRows(own, { ...area, service: service.name, rows });
  return [...detail, ...advice, ...timeline];
};

/** Whose last minute is drawn: the one the advice is on, else that of the last action. */
const watched = (state: State): string =>
  currentAdvice(state)?.service ??
  state.snapshot?.actions[0]?.service ??
  selectedService(state)?.name ??
  '';
