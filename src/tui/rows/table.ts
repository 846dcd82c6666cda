import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { severityOf, type Thresholds } from '../../protocol/thresholds.ts';
import { markOf, paint, sparkline, type Theme, toWidth } from '../theme.ts';

export type Column = {
  readonly title: string;
  readonly width: number;
  readonly align?: 'right';
  /** Columns with a higher number go first when the screen is narrow. */
  readonly drop: number;
  readonly cell: (service: ServiceStatus, drawing: Drawing) => string;
};

export type Drawing = { readonly snapshot: Snapshot; readonly theme: Theme };

const megabytes = (bytes: number): number => bytes / 1024 / 1024;

/** A number with the mark of the line it has crossed, or a blank in its place. */
const marked = (
  { theme }: Drawing,
  text: string,
  severity: ReturnType<typeof severityOf>,
): string => `${text}${severity === 'ok' ? ' ' : markOf(theme, severity)}`;

const linesOf = ({ snapshot }: Drawing): Thresholds => snapshot.advice.thresholds;

const columns: readonly Column[] = [
  { title: 'SERVICE', width: 13, drop: 0, cell: ({ name }) => name },
  { title: 'GROUP', width: 8, drop: 5, cell: ({ group }) => (group.startsWith('_') ? '-' : group) },
  {
    title: 'WRK',
    width: 3,
    align: 'right',
    drop: 0,
    cell: ({ workers }) => String(workers.length),
  },
  {
    title: 'CPU/W',
    width: 6,
    align: 'right',
    drop: 0,
    cell: ({ cpu }, drawing) =>
      marked(drawing, `${cpu.toFixed(0)}%`, severityOf(cpu, linesOf(drawing).cpu)),
  },
  {
    title: '60s',
    width: 8,
    drop: 3,
    cell: ({ name }, { snapshot, theme }) =>
      sparkline(theme, snapshot.history[name]?.cpu ?? [], { width: 8, top: 100 }),
  },
  {
    title: 'RPS',
    width: 6,
    align: 'right',
    drop: 1,
    cell: ({ requestsPerSecond }) => requestsPerSecond.toFixed(0),
  },
  {
    title: 'P99',
    width: 8,
    align: 'right',
    drop: 0,
    cell: ({ latencyMs }, drawing) =>
      marked(
        drawing,
        `${latencyMs.p99.toFixed(0)}ms`,
        severityOf(latencyMs.p99, linesOf(drawing).latencyP99),
      ),
  },
  {
    title: '60s',
    width: 8,
    drop: 6,
    cell: ({ name }, drawing) =>
      sparkline(drawing.theme, drawing.snapshot.history[name]?.p99 ?? [], {
        width: 8,
        top: linesOf(drawing).latencyP99.critical,
      }),
  },
  {
    title: 'ERR%',
    width: 6,
    align: 'right',
    drop: 4,
    cell: ({ errorRate }) => (errorRate * 100).toFixed(2),
  },
  {
    title: 'PEND',
    width: 6,
    align: 'right',
    drop: 1,
    cell: ({ pending }, drawing) =>
      marked(drawing, String(pending), severityOf(pending, linesOf(drawing).pending)),
  },
  {
    title: 'MEM/W',
    width: 7,
    align: 'right',
    drop: 0,
    cell: ({ memoryBytes, workers }, drawing) => {
      const each = megabytes(memoryBytes) / Math.max(1, workers.length);
      return marked(drawing, `${each.toFixed(0)}M`, severityOf(each, linesOf(drawing).memory));
    },
  },
  {
    title: 'RST',
    width: 3,
    align: 'right',
    drop: 7,
    cell: ({ workers }) => String(workers.reduce((sum, { restarts }) => sum + restarts, 0)),
  },
];

const adviceWidth = 16;

/** The columns that toWidth, the least needed left out first. */
const columnsFor = (width: number): readonly Column[] => {
  const room = width - 3 - adviceWidth;
  const order = columns.toSorted((a, b) => a.drop - b.drop);
  let used = 0;
  const kept = new Set<Column>();
  for (const column of order) {
    if (used + column.width + 1 > room) break;
    used += column.width + 1;
    kept.add(column);
  }
  return columns.filter((column) => kept.has(column));
};

const fill = (text: string, width: number): string => toWidth(text, Math.max(0, width));

export const tableHead = (width: number, theme: Theme): string => {
  const cells = columnsFor(width).map(({ title, width: own, align }) => toWidth(title, own, align));
  return paint(theme, 'bold', fill(`   ${cells.join(' ')} ADVICE`, width));
};

export const serviceRow = (
  service: ServiceStatus,
  drawing: Drawing,
  { width, selected }: { readonly width: number; readonly selected: boolean },
): string => {
  const { theme, snapshot } = drawing;
  const cells = columnsFor(width).map((column) =>
    toWidth(column.cell(service, drawing), column.width, column.align),
  );
  const index = snapshot.advice.recommendations.findIndex(({ service: of }) => of === service.name);
  const advice = snapshot.advice.recommendations[index];
  const note = service.status === 'ready' ? '' : service.status;
  const last = advice === undefined ? note : `#${index + 1} ${advice.action}`;
  const pointer = selected ? (theme.ascii ? '>' : '▸') : ' ';
  const line = fill(
    `${pointer}${markOf(theme, service.severity)} ${cells.join(' ')} ${last}`,
    width,
  );
  if (selected) return paint(theme, 'selected', line);
  return service.severity === 'ok' ? line : paint(theme, service.severity, line);
};
