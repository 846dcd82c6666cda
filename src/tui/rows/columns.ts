import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import type { Severity } from '../../protocol/severity.ts';
import { currentWorkers } from '../../protocol/standby.ts';
import {
  errorsLine,
  type Line as Lines,
  severityOf,
  type Thresholds,
} from '../../protocol/thresholds.ts';
import { isIsolated } from '../../protocol/topology.ts';
import { megabytes } from '../../protocol/units.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Theme } from '../theme.ts';
import { count, latency, memory } from './figures.ts';
import { sparkline } from './graph.ts';
import { type Line, type Piece, toned } from './line.ts';

export type Drawing = { readonly snapshot: Snapshot; readonly theme: Theme };

export type Column = {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** The last column holds a mark, so the title ends one before it. */
  readonly marked: boolean;
  /** Columns with a higher number go first when the screen is narrow. */
  readonly drop: number;
  readonly cell: (service: ServiceStatus, drawing: Drawing) => Line;
};

const thresholdsOf = ({ snapshot }: Drawing): Thresholds => snapshot.advice.thresholds;

type Plain = Omit<Column, 'align' | 'marked' | 'cell'> & {
  readonly align?: 'left' | 'right';
  readonly text: (service: ServiceStatus) => string;
};

const plain = ({ text, align = 'left', ...column }: Plain): Column => ({
  ...column,
  align,
  marked: false,
  cell: (service) => [text(service)],
});

type Figure = Omit<Column, 'align' | 'marked' | 'cell'> & {
  readonly value: (service: ServiceStatus) => number;
  readonly text: (value: number) => string;
  readonly lines: (thresholds: Thresholds) => Lines;
};

/** A figure with the mark of the line it has crossed, or a blank in its place. */
export const marked = (text: string, severity: Severity, theme: Theme): Piece =>
  severity === 'ok' ? `${text} ` : toned(severity, text + glyphsOf(theme)[severity]);

const figure = ({ value, text, lines, ...column }: Figure): Column => ({
  ...column,
  align: 'right',
  marked: true,
  cell: (service, drawing) => {
    const measured = value(service);
    const severity = severityOf(measured, lines(thresholdsOf(drawing)));
    return [marked(text(measured), severity, drawing.theme)];
  },
});

type Series = { readonly title: string; readonly drop: number; readonly of: 'cpu' | 'p99' };

const sparkWidth = 10;

const series = ({ of, ...column }: Series): Column => ({
  ...column,
  width: sparkWidth,
  align: 'left',
  marked: false,
  cell: ({ name }, drawing) => {
    const { cpu, latencyP99 } = thresholdsOf(drawing);
    const [lines, top] = of === 'cpu' ? [cpu, 100] : [latencyP99, latencyP99.critical];
    const values = drawing.snapshot.history[name]?.[of] ?? [];
    return sparkline(values, { width: sparkWidth, top, lines, theme: drawing.theme });
  },
});

export const memoryPerWorker = ({ memoryBytes, workers }: ServiceStatus): number =>
  memoryBytes / Math.max(1, workers.length);

const inBytes = ({ warning, critical }: Lines): Lines => ({
  warning: megabytes(warning),
  critical: megabytes(critical),
});

/** `2+2` while as many as a reload has replaced are on standby. */
const workersText = (workers: ServiceStatus['workers']): string => {
  const current = currentWorkers(workers).length;
  const whole = `${current}+${workers.length - current}`;
  return current === workers.length || whole.length > workersWidth ? count(current) : whole;
};

const workersWidth = 3;

const threeDigits = (percent: number): string =>
  percent.toFixed(percent < 9.995 ? 2 : percent < 99.95 ? 1 : 0);

/** The last column, the advice, takes what these leave. */
export const columns: readonly Column[] = [
  plain({ title: 'SERVICE', width: 12, drop: 0, text: ({ name }) => name }),
  plain({
    title: 'GROUP',
    width: 8,
    drop: 9,
    text: ({ group }) => (isIsolated(group) ? '-' : group),
  }),
  plain({
    title: 'WRK',
    width: workersWidth,
    drop: 4,
    align: 'right',
    text: ({ workers }) => workersText(workers),
  }),
  figure({
    title: 'CPU/W',
    width: 6,
    drop: 2,
    value: ({ cpu }) => cpu,
    text: (cpu) => `${cpu.toFixed(0)}%`,
    lines: ({ cpu }) => cpu,
  }),
  series({ title: '60 s', drop: 7, of: 'cpu' }),
  plain({
    title: 'REQ/S',
    width: 5,
    drop: 6,
    align: 'right',
    text: ({ requestsPerSecond }) => count(requestsPerSecond),
  }),
  figure({
    title: 'P99',
    width: 7,
    drop: 1,
    value: ({ latencyMs }) => latencyMs.p99,
    text: latency,
    lines: ({ latencyP99 }) => latencyP99,
  }),
  series({ title: '60 s', drop: 10, of: 'p99' }),
  figure({
    title: 'ERR%',
    width: 6,
    drop: 8,
    value: ({ errorRate }) => errorRate * 100,
    text: threeDigits,
    lines: errorsLine,
  }),
  figure({
    title: 'PEND',
    width: 5,
    drop: 3,
    value: ({ pending }) => pending,
    text: count,
    lines: ({ pending }) => pending,
  }),
  figure({
    title: 'MEM/W',
    width: 6,
    drop: 5,
    value: memoryPerWorker,
    text: memory,
    lines: ({ memory: lines }) => inBytes(lines),
  }),
  plain({
    title: 'RST',
    width: 3,
    drop: 11,
    align: 'right',
    text: ({ workers }) => count(workers.reduce((sum, { restarts }) => sum + restarts, 0)),
  }),
];
