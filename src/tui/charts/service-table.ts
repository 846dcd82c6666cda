import type { ServiceStatus } from '../../protocol/metrics.ts';
import { bySeverity, type Severity } from '../../protocol/severity.ts';
import { currentWorkers } from '../../protocol/standby.ts';
import type { Room } from './wall.ts';

type Column = {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** Columns with a higher number go first when the wall is narrow. */
  readonly drop: number;
  readonly text: (service: ServiceStatus) => string;
};

const figure = (
  title: string,
  { width, drop }: Pick<Column, 'width' | 'drop'>,
  value: (service: ServiceStatus) => number,
): Column => ({
  title,
  width,
  drop,
  align: 'right',
  text: (service) => value(service).toFixed(0),
});

const megabyte = 1024 * 1024;

export const mark = { ok: '●', warning: '▲', critical: '◆' } as const;

const columns: readonly Column[] = [
  { title: 'service', width: 12, align: 'left', drop: 0, text: ({ name }) => name },
  {
    title: 'state',
    width: 10,
    align: 'left',
    drop: 1,
    text: ({ severity, status }) => `${mark[severity]} ${status}`,
  },
  figure('wrk', { width: 3, drop: 5 }, ({ workers }) => currentWorkers(workers).length),
  figure('cpu %', { width: 5, drop: 3 }, ({ cpu }) => cpu),
  figure('req/s', { width: 5, drop: 4 }, ({ requestsPerSecond }) => requestsPerSecond),
  figure('p99 ms', { width: 6, drop: 2 }, ({ latencyMs }) => latencyMs.p99),
  figure('pending', { width: 7, drop: 6 }, ({ pending }) => pending),
  figure('mem MB', { width: 6, drop: 7 }, ({ memoryBytes }) => memoryBytes / megabyte),
];

const colours: Readonly<Record<Severity, string>> = {
  ok: 'green',
  warning: 'yellow',
  critical: 'red',
};

/**
 * The services with the columns that there is room for, the worst first: nobody turns the pages of
 * a wall. Colour repeats the mark.
 */
export const serviceLines = (
  services: readonly ServiceStatus[],
  { columns: width, rows }: Room,
): readonly string[] => {
  const shown = columnsFor(width);
  const head = shown.map(({ title, ...column }) => placed(title, column)).join(' ');
  const sorted = services.toSorted((a, b) => bySeverity(a.severity, b.severity));
  const room = Math.max(1, rows - 1);
  const count = sorted.length <= room ? sorted.length : room - 1;
  return [
    `{bold}${head}{/bold}`,
    ...sorted.slice(0, count).map((service) => serviceLine(service, shown)),
    ...(count < sorted.length ? [restOf(sorted.slice(count))] : []),
  ];
};

const serviceLine = (service: ServiceStatus, shown: readonly Column[]): string => {
  const row = shown.map((column) => placed(column.text(service), column)).join(' ');
  const glyph = mark[service.severity];
  return row.replace(glyph, `{${colours[service.severity]}-fg}${glyph}{/}`);
};

/** What has no room is in no more trouble than what has. */
const restOf = (rest: readonly ServiceStatus[]): string => {
  const troubled = rest.filter(({ severity }) => severity !== 'ok').length;
  return `${rest.length} more, ${troubled === 0 ? 'all of them fine' : `${troubled} of them in trouble`}`;
};

const placed = (text: string, { width, align }: Pick<Column, 'width' | 'align'>): string =>
  align === 'left' ? text.slice(0, width).padEnd(width) : text.padStart(width);

const columnsFor = (width: number): readonly Column[] => {
  let room = width;
  const kept = new Set<Column>();
  for (const column of columns.toSorted((a, b) => a.drop - b.drop)) {
    if (column.width > room) break;
    room -= column.width + 1;
    kept.add(column);
  }
  return columns.filter((column) => kept.has(column));
};
