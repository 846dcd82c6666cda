import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus, WorkerView } from '../../protocol/metrics.ts';
import { severityOf } from '../../protocol/thresholds.ts';
import { isIsolated, spoken } from '../../protocol/topology.ts';
import { glyphsOf, type Theme } from '../theme.ts';
import { boxRows, insideOf } from './box.ts';
import { marked, memoryPerWorker } from './columns.ts';
import { count, duration, latency, memory, plural } from './figures.ts';
import { type Frame, type Line, toned } from './line.ts';
import { labelled, wrapped } from './recommendation.ts';

/** One service: its figures against their lines, and its workers. */
export const detailRows = (
  service: ServiceStatus,
  snapshot: Snapshot,
  frame: Frame,
): readonly string[] => {
  const { name, severity, status, workers } = service;
  const { theme } = frame;
  return [
    ...boxRows(
      {
        title: [
          toned('bold', `${name}  `),
          toned(severity, `${glyphsOf(theme)[severity]} ${severity}`),
          `  ${status}`,
        ],
        aside: [plural(workers.length, 'worker')],
        lines: serviceLines(service, snapshot, frame),
      },
      frame,
    ),
    ...boxRows(
      {
        title: [toned('bold', 'WORKERS')],
        lines: [
          [toned('dim', workerHead)],
          ...workers.map((worker) => workerLine(worker, Date.parse(snapshot.status.at))),
        ],
      },
      frame,
    ),
  ];
};

const serviceLines = (
  service: ServiceStatus,
  { advice }: Snapshot,
  { width, theme }: Frame,
): readonly Line[] => {
  const { latencyMs, pending, cpu, errorRate, requestsPerSecond } = service;
  const { thresholds } = advice;
  const each = memoryPerWorker(service);
  const memoryMb = each / 1024 / 1024;
  return [
    ...labelled('group', [[groupOf(service)]]),
    ...labelled('load', [
      [
        `${count(requestsPerSecond)} req/s   errors ${(errorRate * 100).toFixed(2)}%   pending `,
        marked(count(pending), severityOf(pending, thresholds.pending), theme),
      ],
    ]),
    ...labelled('latency', [latencyLine(latencyMs, thresholds.latencyP99, theme)]),
    ...labelled('per worker', [
      [
        'CPU ',
        marked(`${cpu.toFixed(0)}%`, severityOf(cpu, thresholds.cpu), theme),
        '  memory ',
        marked(memory(each), severityOf(memoryMb, thresholds.memory), theme),
      ],
    ]),
    ...(service.reason === undefined
      ? []
      : labelled('reason', wrapped(spoken(service.reason), insideOf(width)))),
  ];
};

const latencyLine = (
  { p50, p90, p99, max }: ServiceStatus['latencyMs'],
  lines: { readonly warning: number; readonly critical: number },
  theme: Theme,
): Line => [
  `P50 ${latency(p50)}   P90 ${latency(p90)}   P99 `,
  marked(latency(p99), severityOf(p99, lines), theme),
  `  max ${latency(max)}`,
];

const groupOf = ({ group, colocatedWith }: ServiceStatus): string => {
  if (isIsolated(group)) return 'alone in its workers';
  const others = colocatedWith.length === 0 ? 'alone' : `with ${colocatedWith.join(', ')}`;
  return `${group}, ${others}`;
};

const workerHead = 'ID                  PID  STATE      CPU   ELU    MEM   PEND  RST  UP';

const workerLine = (worker: WorkerView, now: number): Line => {
  const { id, pid, status, cpu, eventLoopUtilization, rssBytes, pending, restarts } = worker;
  return [
    spoken(id).padEnd(15).slice(0, 15),
    String(pid).padStart(8),
    `  ${status.padEnd(8)}`,
    `${cpu.toFixed(0)}%`.padStart(6),
    eventLoopUtilization.toFixed(2).padStart(6),
    memory(rssBytes).padStart(7),
    count(pending).padStart(7),
    count(restarts).padStart(5),
    `  ${duration(now - Date.parse(worker.startedAt))}`,
  ];
};
