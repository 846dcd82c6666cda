import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { advisorRows } from '../rows/advisor.ts';
import { type Area, beside, type Part } from '../rows/beside.ts';
import { filledBox, insideOf } from '../rows/box.ts';
import { draw, type Line, toned } from '../rows/line.ts';
import { logRows } from '../rows/log.ts';
import { outcomeLine } from '../rows/outcome.ts';
import { wrapped } from '../rows/recommendation.ts';
import { chartRows } from '../rows/service/charts.ts';
import { dependencyRows } from '../rows/service/dependencies.ts';
import { headRow, tabRow } from '../rows/service/head.ts';
import type { Inspected } from '../rows/service/inspected.ts';
import { latencyRows, latencyTab } from '../rows/service/latency.ts';
import { settingRows } from '../rows/service/settings.ts';
import { workerRows } from '../rows/service/workers.ts';
import { timelineRows } from '../rows/timeline.ts';
import { type State, selectedService } from '../state/state.ts';
import type { View } from '../state/view.ts';
import { trendIn } from './trend.ts';

type Open = Extract<View, { readonly type: 'service' }>;

type Drawing = {
  readonly state: State;
  readonly snapshot: Snapshot;
  readonly service: ServiceStatus;
  readonly open: Open;
};

/** One service: a line about it, the tabs, and the one that is open. */
export const serviceScreen = (
  state: State,
  { snapshot, open }: { readonly snapshot: Snapshot; readonly open: Open },
  area: Area,
): readonly string[] => {
  const service = selectedService(state);
  if (service === undefined)
    return [draw([` ${open.name} is no service any more, escape goes back`], area)];
  const advices = snapshot.advice.recommendations.filter(({ service: on }) => on === open.name);
  const rows = Math.max(0, area.rows - 2);
  return [
    headRow(service, snapshot, area),
    tabRow(open.tab, advices.length, area),
    ...tabRows({ state, snapshot, service, open })({ ...area, rows }),
  ];
};

const tabRows = (drawing: Drawing): Part => {
  const { state, snapshot, service, open } = drawing;
  const inspection = inspected(drawing);
  switch (open.tab) {
    case 'overview':
      return overview(drawing);
    case 'workers':
      return overCharts(drawing, workers(drawing), service.workers.length + 3);
    case 'latency':
      return overCharts(drawing, latencyTab(service, inspection, snapshot), 15);
    case 'dependencies': {
      const calls = inspection.inspection?.calls.length ?? 0;
      return overCharts(drawing, dependencyRows(service.name, inspection, snapshot), calls + 4);
    }
    case 'logs':
      return (area) => logRows(state.logs, { ...area, title: service.name });
    case 'config':
      return settingRows(service.name, inspection);
    case 'advice':
      return advice(drawing);
  }
};

const leastRows = 8;
const leastChart = 7;
const mostChart = 12;

/** What a tab leaves free shows since when it has been so. */
const overCharts =
  ({ state, snapshot, service: { name } }: Drawing, part: Part, needed: number): Part =>
  (area) => {
    const free = Math.min(mostChart, area.rows - Math.max(leastRows, needed));
    if (free < leastChart) return part(area);
    return [
      ...part({ ...area, rows: area.rows - free }),
      ...chartRows({ name, snapshot, trend: trendIn(state, name) }, { ...area, rows: free }),
    ];
  };

/** What was asked for the service that was open before is not shown for another. */
const inspected = ({ state, service }: Drawing): Inspected => {
  const { inspection, replay } = state;
  const isPast = replay !== undefined;
  return isPast || inspection?.service !== service.name ? { isPast } : { isPast, inspection };
};

const workers =
  (drawing: Drawing): Part =>
  (area) =>
    workerRows(drawing.service, drawing.snapshot, {
      ...area,
      inspection: inspected(drawing).inspection,
      selected: Math.min(drawing.open.worker, drawing.service.workers.length - 1),
    });

/** Everything at a glance; what there is no room for has a tab of its own. */
const overview =
  (drawing: Drawing): Part =>
  (area) => {
    const { state, snapshot, service } = drawing;
    const { name } = service;
    const inspection = inspected(drawing);
    const [charts, middle, lower, timeline] = heightsFor(area.rows);
    const part = (rows: number): Area => ({ ...area, rows });
    const logs: Part = (at) => logRows(state.logs, { ...at, title: name });
    return [
      ...(charts > 0
        ? chartRows({ name, snapshot, trend: trendIn(state, name) }, part(charts))
        : []),
      ...beside(workers(drawing), latencyRows(inspection, snapshot), part(middle)),
      ...(lower > 0 ? beside(dependencyRows(name, inspection, snapshot), logs, part(lower)) : []),
      ...(timeline > 0 ? ownTimeline(drawing)(part(timeline)) : []),
    ];
  };

type Heights = readonly [charts: number, middle: number, lower: number, timeline: number];

const heightsFor = (rows: number): Heights => {
  if (rows < 9) return [0, rows, 0, 0];
  if (rows < 14) return [5, rows - 5, 0, 0];
  const charts = Math.min(9, Math.max(5, Math.floor(rows * 0.27)));
  const middle = Math.min(8, Math.max(5, Math.floor(rows * 0.22)));
  const lower = Math.min(12, Math.max(4, Math.floor(rows * 0.28)));
  const rest = rows - charts - middle - lower;
  return rest < 4 ? [charts, middle, lower + rest, 0] : [charts, middle, lower, rest];
};

const ownTimeline =
  ({ state, snapshot, service: { name } }: Drawing): Part =>
  (area) => {
    const trend = trendIn(state, name);
    const events = snapshot.events.filter((event) => event.service === name);
    const actions = snapshot.actions.filter(({ service }) => service === name);
    return timelineRows({ ...snapshot, events, actions }, { ...area, service: name, trend });
  };

/** What is advised, why nothing else is, and what was done before. */
const advice =
  ({ state, snapshot, service: { name } }: Drawing): Part =>
  (area) => {
    const index = snapshot.advice.recommendations.findIndex(({ service }) => service === name);
    const shown =
      index < 0 ? [] : advisorRows(snapshot, { ...area, rows: Math.min(area.rows, 14), index });
    const lines = besides(snapshot, name, area);
    const rest = area.rows - shown.length;
    const title = [toned('bold', 'NOT ADVISED, AND WHAT WAS DONE')];
    const box =
      rest < 3 || lines.length === 0
        ? []
        : filledBox({ title, lines }, { ...area, rows: Math.min(rest, lines.length + 2) });
    const rows = Math.min(mostChart, rest - box.length);
    const charted = { name, snapshot, trend: trendIn(state, name) };
    return [...shown, ...box, ...(rows < leastChart ? [] : chartRows(charted, { ...area, rows }))];
  };

/** What else is to be said of the advice on a service. */
const besides = (snapshot: Snapshot, name: string, { width, theme }: Area): readonly Line[] => {
  const { recommendations, notAdvised } = snapshot.advice;
  const isAdvised = recommendations.some(({ service }) => service === name);
  const not = notAdvised.filter(({ service }) => service === name);
  const done = snapshot.actions.filter(({ service }) => service === name);
  return [
    ...(isAdvised || not.length > 0
      ? []
      : [['nothing is advised: the service is not under pressure']]),
    ...not.flatMap(({ action, because }) => wrapped(`not ${action}: ${because}`, insideOf(width))),
    ...done.map((action) => outcomeLine(action, snapshot, theme)),
  ];
};
