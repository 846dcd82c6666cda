import type { Snapshot, TimelineEvent } from '../../protocol/control/messages.ts';
import { type Line as Lines, severityOf } from '../../protocol/thresholds.ts';
import { spoken } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import { type Trend, trendSeconds } from '../state/trend.ts';
import type { Theme, Tone } from '../theme.ts';
import { boxRows, insideOf } from './box.ts';
import { marked } from './columns.ts';
import { clock, known, latency, percent } from './figures.ts';
import { slotOf, sparkline } from './graph.ts';
import { type Frame, type Line, type Piece, toned } from './line.ts';
import { outcomeLine } from './outcome.ts';

export type TimelineOptions = Frame & {
  /** Whose last minutes are drawn. */
  readonly service: string;
  /** Of the last ten minutes, once it is read; else the last one is drawn. */
  readonly trend?: Trend | undefined;
  /** Rows there are, the edges included. */
  readonly rows: number;
};

/** The last minutes of one service, what happened in it, and how the last action ended. */
export const timelineRows = (snapshot: Snapshot, options: TimelineOptions): readonly string[] => {
  const { rows, service } = options;
  const room = rows - 2;
  if (room < 1) return [];
  const [last] = snapshot.actions;
  const outcome = last === undefined ? [] : [outcomeLine(last, snapshot, options.theme)];
  const graphs = graphLines(snapshot, options, room);
  const events = snapshot.events.toReversed().map((event) => eventLine(event, options.theme));
  const lines = [...outcome.slice(0, room), ...graphs, ...events].slice(0, room);
  const blank = Array.from({ length: room - lines.length }, (): Line => []);
  const period = secondsOf(options);
  const words = period === minuteSeconds ? '60 s' : `${period / minuteSeconds} min`;
  const title = [toned('bold', 'TIMELINE'), `  ${service}, last ${words}`];
  return boxRows({ title, lines: [...lines, ...blank] }, options);
};

const minuteSeconds = 60;
const periods = [minuteSeconds, 2 * minuteSeconds, 5 * minuteSeconds, trendSeconds];

/** The shortest period that holds all that was measured: of a young app little would be seen in ten minutes. */
const secondsOf = ({ trend }: TimelineOptions): number => {
  const first = trend?.cpu.findIndex((value) => !Number.isNaN(value)) ?? -1;
  const measured = first < 0 ? 0 : trendSeconds - first;
  return periods.find((seconds) => measured <= seconds) ?? trendSeconds;
};

const labelWidth = 5;
const valueWidth = 9;
const legendWidth = 16;
/** From here on the lines are named beside each graph. */
const wideEnough = 100;
const widest = 120;

/** A second takes no more than a column. */
const graphWidth = (options: TimelineOptions): number => {
  const { width } = options;
  const room = insideOf(width) - labelWidth - valueWidth;
  const free = width < wideEnough ? room : room - legendWidth;
  return Math.max(0, Math.min(widest, secondsOf(options), free));
};

const labelled = (label: string, line: Line): Line => [
  toned('dim', label.padEnd(labelWidth)),
  ...line,
];

/** The more room, the more of it: P99 first, then where in the period things happened. */
const graphLines = (
  snapshot: Snapshot,
  options: TimelineOptions,
  room: number,
): readonly Line[] => {
  if (room < 2) return [];
  const p99 = labelled('P99', series(snapshot, 'p99', options));
  if (room < 4) return [p99];
  const cpu = labelled('CPU', series(snapshot, 'cpu', options));
  const marks = labelled('', eventMarks(snapshot, options));
  return room < 7 ? [p99, marks] : [p99, cpu, marks, labelled('', axis(snapshot, options))];
};

const series = (
  { history, advice }: Snapshot,
  of: 'cpu' | 'p99',
  options: TimelineOptions,
): Line => {
  const { service, width, theme, trend } = options;
  const { cpu, latencyP99 } = advice.thresholds;
  const [lines, top] = of === 'cpu' ? [cpu, 100] : [latencyP99, latencyP99.critical];
  const minute = history[service]?.[of] ?? [];
  const now = minute.at(-1);
  const graph = { width: graphWidth(options), seconds: secondsOf(options), top, lines, theme };
  const text = known(now, of === 'cpu' ? percent : latency);
  return [
    ...sparkline(trend?.[of] ?? minute, graph),
    marked(text.padStart(valueWidth - 1), severityOf(now ?? 0, lines), theme),
    ...(width < wideEnough ? [] : legend(lines, theme)),
  ];
};

const legend = ({ warning, critical }: Lines, theme: Theme): Line => {
  const glyphs = glyphsOf(theme);
  return [
    toned('warning', `   ${glyphs.warning}`),
    toned('dim', ` ${warning}  `.padEnd(6)),
    toned('critical', glyphs.critical),
    toned('dim', ` ${critical}`),
  ];
};

const markOf = ({ kind, severity }: TimelineEvent, theme: Theme): Piece => {
  const glyphs = glyphsOf(theme);
  const tone: Tone = severity === 'ok' && kind === 'action' ? 'key' : severity;
  if (kind === 'action') return toned(tone, glyphs.action);
  return toned(tone, kind === 'worker' ? glyphs.worker : glyphs[severity]);
};

/** What happened to the service, each at its moment of the period; the newest wins a place. */
const eventMarks = ({ events, status }: Snapshot, options: TimelineOptions): Line => {
  const { service, theme } = options;
  const width = graphWidth(options);
  const seconds = secondsOf(options);
  const now = Date.parse(status.at);
  const marks = new Map<number | undefined, Piece>();
  for (const event of events) {
    if (event.service === service) {
      const slot = slotOf(now - Date.parse(event.at), { width, seconds });
      marks.set(slot, markOf(event, theme));
    }
  }
  const { dash } = glyphsOf(theme);
  return Array.from({ length: width }, (_, slot) => marks.get(slot) ?? toned('dim', dash));
};

/** The time of every third of the period. */
const axis = ({ status }: Snapshot, options: TimelineOptions): Line => {
  const slots = graphWidth(options);
  const period = secondsOf(options) * 1_000;
  const now = Date.parse(status.at);
  const thirds = [0, 1, 2].map((third) => {
    const at = new Date(now - period + (third * period) / 3).toISOString();
    return clock(at).padEnd(Math.floor(slots / 3));
  });
  return [toned('dim', `${thirds.join('').slice(0, slots).padEnd(slots)}      now`)];
};

const eventLine = (event: TimelineEvent, theme: Theme): Line => [
  markOf(event, theme),
  toned('dim', ` ${clock(event.at)} `),
  `${event.service.padEnd(12)} ${spoken(event.text)}`,
];
