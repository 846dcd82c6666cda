import type { Snapshot } from '../../../protocol/control/messages.ts';
import type { Inspection } from '../../../protocol/inspection.ts';
import type { ServiceStatus, WorkerView } from '../../../protocol/metrics.ts';
import { severityOf, type Thresholds } from '../../../protocol/thresholds.ts';
import { spoken } from '../../../protocol/topology.ts';
import { glyphsOf } from '../../glyphs.ts';
import type { Area } from '../beside.ts';
import { filledBox, insideOf } from '../box.ts';
import { marked } from '../columns.ts';
import { count, duration, known, latency, memory, percent } from '../figures.ts';
import { type Line, type Piece, toned, toRight } from '../line.ts';

export type WorkersOptions = Area & {
  readonly inspection: Inspection | undefined;
  /** Which one is pointed at. */
  readonly selected: number;
};

type Cell = { readonly title: string; readonly width: number; readonly piece: Piece };

/** Each worker of a service with its own figures. */
export const workerRows = (
  { workers }: ServiceStatus,
  { advice, status }: Snapshot,
  options: WorkersOptions,
): readonly string[] => {
  const { inspection, selected, theme, width } = options;
  const now = Date.parse(status.at);
  const rows = workers.map((worker) =>
    cellsOf(worker, { inspection, thresholds: advice.thresholds, now, options }),
  );
  const room = insideOf(width);
  const head = headOf(rows[0] ?? [], room);
  const from = Math.max(0, Math.min(selected - (options.rows - 5), workers.length - 1));
  const lines = rows.map((cells, index): Line => {
    const pointer = index === selected ? glyphsOf(theme).pointer : ' ';
    return [
      pointer,
      ...fittingCells(cells, room - 1).flatMap(({ piece, width: wide }) => toRight(piece, wide)),
    ];
  });
  return filledBox(
    {
      title: [toned('bold', 'WORKERS'), '  P99 of 60 s'],
      lines: [[toned('dim', head)], ...lines.slice(from)],
    },
    options,
  );
};

const fittingCells = (cells: readonly Cell[], room: number): readonly Cell[] => {
  let used = 0;
  return cells.filter(({ width }) => {
    used += width;
    return used <= room;
  });
};

const headOf = (cells: readonly Cell[], room: number): string =>
  ` ${fittingCells(cells, room - 1)
    .map(({ title, width }) => title.padStart(width))
    .join('')}`;

type Given = {
  readonly inspection: Inspection | undefined;
  readonly thresholds: Thresholds;
  readonly now: number;
  readonly options: WorkersOptions;
};

/** The most telling first: those at the end are left out where it is narrow. */
const cellsOf = (
  worker: WorkerView,
  { inspection, thresholds, now, options }: Given,
): readonly Cell[] => {
  const { theme } = options;
  const own = inspection?.workers.find(({ id }) => id === worker.id);
  const figure = (text: string, severity: 'ok' | 'warning' | 'critical'): Piece =>
    marked(text, severity, theme);
  const p99 = own?.p99Ms ?? 0;
  const slow =
    own === undefined ? '- ' : figure(latency(p99), severityOf(p99, thresholds.latencyP99));
  const busy = figure(known(worker.cpu, percent), severityOf(worker.cpu, thresholds.cpu));
  return [
    { title: 'ID'.padEnd(12), width: 12, piece: spoken(worker.id).slice(-12).padEnd(12) },
    { title: 'CPU ', width: 6, piece: busy },
    { title: 'P99 ', width: 9, piece: slow },
    { title: 'PEND', width: 6, piece: known(worker.pending, count) },
    { title: 'STATE', width: 10, piece: worker.standby === true ? 'standby' : worker.status },
    { title: 'PID', width: 8, piece: String(worker.pid) },
    { title: 'RST', width: 5, piece: count(worker.restarts) },
    { title: 'UP', width: 8, piece: duration(now - Date.parse(worker.startedAt)) },
    { title: 'ELU', width: 6, piece: known(worker.eventLoopUtilization, (elu) => elu.toFixed(2)) },
    { title: 'MEM', width: 7, piece: known(worker.rssBytes, memory) },
    { title: 'HEAP', width: 7, piece: known(own?.heapUsedBytes, memory) },
    { title: 'GC', width: 6, piece: known(own?.gcPercent, (gc) => `${gc.toFixed(1)}%`) },
    { title: 'REQ/S', width: 7, piece: known(own?.requestsPerSecond, count) },
  ];
};
