import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { type Severity, worst } from '../../protocol/severity.ts';
import { currentWorkers, standbyText } from '../../protocol/standby.ts';
import { severityOf } from '../../protocol/thresholds.ts';
import { glyphsOf } from '../glyphs.ts';
import { marked } from '../rows/columns.ts';
import { count, duration, latency, memory, percent } from '../rows/figures.ts';
import {
  type Frame,
  type Line,
  lengthOf,
  type Piece,
  toned,
  toRight,
  toWidth,
} from '../rows/line.ts';

/** The headings, and a row for each service: as wide as it must be, and no wider than the frame. */
export const statusTable = (snapshot: Snapshot, frame: Frame): readonly Line[] =>
  aligned(
    [headings, ...snapshot.status.services.map((each) => cellsOf(each, snapshot, frame))],
    frame,
  );

const headings = ['SERVICE', 'STATE', 'WORKERS', 'RST', 'UP', 'CPU/W ', 'MEM', 'REQ/S', 'P99 '].map(
  (title, index): Piece => toned('dim', index === 0 ? `  ${title}` : title),
);
/** From here on there are figures, which end below each other. */
const firstFigure = 3;

const cellsOf = (service: ServiceStatus, snapshot: Snapshot, { theme }: Frame): Line => {
  const { name, status, workers, cpu, latencyMs } = service;
  const { cpu: cpuLines, latencyP99 } = snapshot.advice.thresholds;
  const restarts = workers.reduce((sum, worker) => sum + worker.restarts, 0);
  const severity = severityIn(service);
  const glyphs = glyphsOf(theme);
  const tone = severity ?? 'dim';
  const figures: Line =
    readyIn(service).length === 0
      ? ['- ', '-', '-', '- ']
      : [
          marked(percent(cpu), severityOf(cpu, cpuLines), theme),
          memory(service.memoryBytes),
          count(service.requestsPerSecond),
          marked(latency(latencyMs.p99), severityOf(latencyMs.p99, latencyP99), theme),
        ];
  return [
    toned(tone, `${severity === undefined ? glyphs.dash : glyphs[severity]} ${name}`),
    status === 'ready' ? status : toned(tone, status),
    workersText(service),
    count(restarts),
    upText(service, snapshot.status.at),
    ...figures,
  ];
};

/** What is stopped is neither well nor unwell. */
const severityIn = ({ status, severity }: ServiceStatus): Severity | undefined => {
  if (status === 'stopped') return undefined;
  if (status === 'ready') return severity;
  return worst([severity, status === 'failed' ? 'critical' : 'warning']);
};

/** Those that are ready of those there are to be: `1/2`, and `2/2 +2 standby` while a reload bakes. */
const workersText = ({ workers }: ServiceStatus): string => {
  const count = `${readyIn({ workers }).length}/${currentWorkers(workers).length}`;
  return [count, standbyText(workers)].join(' ').trimEnd();
};

const readyIn = ({ workers }: Pick<ServiceStatus, 'workers'>): ServiceStatus['workers'] =>
  currentWorkers(workers).filter(({ status }) => status === 'ready');

/** Since the youngest of its workers was started: what was restarted lately is young. */
const upText = (service: ServiceStatus, at: string): string => {
  const starts = readyIn(service).map(({ startedAt }) => Date.parse(startedAt));
  return starts.length === 0 ? '-' : duration(Date.parse(at) - Math.max(...starts));
};

/** Closer together where it is narrow; where that is not enough, names are cut. */
const aligned = (rows: readonly Line[], frame: Frame): readonly Line[] => {
  const needed = headings.map((_, column) => Math.max(...rows.map((row) => widthIn(row, column))));
  const whole = needed.reduce((sum, width) => sum + width, 0);
  const gaps = needed.length - 1;
  const gap = whole + 2 * gaps > frame.width ? 1 : 2;
  const over = Math.max(0, whole + gap * gaps - frame.width);
  const [name = 0, ...others] = needed;
  const widths = [Math.max(shortestName, name - over), ...others];
  return rows.map((row) =>
    row.flatMap((piece, column): Line => {
      const width = widths[column] ?? 0;
      const cell =
        column < firstFigure ? toWidth([piece], { ...frame, width }) : toRight(piece, width);
      return column === 0 ? cell : [' '.repeat(gap), ...cell];
    }),
  );
};

const widthIn = (row: Line, column: number): number => lengthOf(row.slice(column, column + 1));

const shortestName = 12;
