import type { Snapshot, TimelineEvent } from '../../protocol/control/messages.ts';
import { type Line as Lines, severityOf } from '../../protocol/thresholds.ts';
import { spoken } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Theme, Tone } from '../theme.ts';
import { boxRows, insideOf } from './box.ts';
import { marked } from './columns.ts';
import { clock, latency } from './figures.ts';
import { slotOf, sparkline } from './graph.ts';
import { type Frame, type Line, type Piece, toned } from './line.ts';
import { outcomeLine } from './outcome.ts';

export type TimelineOptions = Frame & {
  /** Whose last minute is drawn. */
  readonly service: string;
  /** Rows there are, the edges included. */
  readonly rows: number;
};

/** The last minute of one service, what happened in it, and how the last action ended. */
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
  const title = [toned('bold', 'TIMELINE'), `  ${service}, last 60 s`];
  return boxRows({ title, lines: [...lines, ...blank] }, options);
};

const minute = 60_000;
const labelWidth = 5;
const valueWidth = 9;

const graphWidth = (width: number): number =>
  Math.max(0, Math.min(60, insideOf(width) - labelWidth - valueWidth));

const labelled = (label: string, line: Line): Line => [
  toned('dim', label.padEnd(labelWidth)),
  ...line,
];

/** The more room, the more of it: P99 first, then where in the minute things happened. */
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
  { service, width, theme }: TimelineOptions,
): Line => {
  const { cpu, latencyP99 } = advice.thresholds;
  const [lines, top] = of === 'cpu' ? [cpu, 100] : [latencyP99, latencyP99.critical];
  const values = history[service]?.[of] ?? [];
  const now = values.at(-1) ?? 0;
  const text = of === 'cpu' ? `${now.toFixed(0)}%` : latency(now);
  return [
    ...sparkline(values, { width: graphWidth(width), top, lines, theme }),
    marked(text.padStart(valueWidth - 1), severityOf(now, lines), theme),
    ...(width < 100 ? [] : legend(lines, theme)),
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

/** What happened to the service, each at its moment of the minute; the newest wins a place. */
const eventMarks = (
  { events, status }: Snapshot,
  { service, width, theme }: TimelineOptions,
): Line => {
  const slots = graphWidth(width);
  const now = Date.parse(status.at);
  const marks = new Map<number | undefined, Piece>();
  for (const event of events) {
    if (event.service === service) {
      marks.set(slotOf(now - Date.parse(event.at), slots), markOf(event, theme));
    }
  }
  const { dash } = glyphsOf(theme);
  return Array.from({ length: slots }, (_, slot) => marks.get(slot) ?? toned('dim', dash));
};

/** The time of every third of the minute. */
const axis = ({ status }: Snapshot, { width }: TimelineOptions): Line => {
  const slots = graphWidth(width);
  const now = Date.parse(status.at);
  const thirds = [0, 1, 2].map((third) => {
    const at = new Date(now - minute + (third * minute) / 3).toISOString();
    return clock(at).padEnd(Math.floor(slots / 3));
  });
  return [toned('dim', `${thirds.join('').slice(0, slots).padEnd(slots)}      now`)];
};

const eventLine = (event: TimelineEvent, theme: Theme): Line => [
  markOf(event, theme),
  toned('dim', ` ${clock(event.at)} `),
  `${event.service.padEnd(12)} ${spoken(event.text)}`,
];
