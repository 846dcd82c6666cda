import type { Advice } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus, Status } from '../../protocol/metrics.ts';
import { currentWorkers, standbyText } from '../../protocol/standby.ts';
import { spoken } from '../../protocol/topology.ts';
import { mark } from './service-table.ts';

/** What the wallboard draws; pure, so that it can be tested without a terminal. */
export type Board = {
  readonly cpu: Bars;
  readonly requests: Bars;
  /** Shares of the machine, 0–100. */
  readonly machine: { readonly cpu: number; readonly memory: number };
  readonly p99: readonly { readonly title: string; readonly x: string[]; readonly y: number[] }[];
  /** The lines that divide warning from critical. */
  readonly limits: readonly {
    readonly colour: string;
    readonly x: string[];
    readonly y: number[];
  }[];
  readonly advice: readonly string[];
  /** The newest first. */
  readonly events: readonly string[];
  readonly topology: readonly string[];
};

type Bars = { readonly titles: string[]; readonly data: number[] };

const shown = 4;
const bars = 3;
const points = 60;

/** The slowest services get a line and the busiest a bar: it is read from afar. */
export const toBoard = ({ status, advice, history, events }: Snapshot): Board => {
  const slowest = status.services
    .toSorted((a, b) => b.latencyMs.p99 - a.latencyMs.p99)
    .slice(0, shown)
    .map(({ name }) => name);
  return {
    cpu: barsOf(status.services, ({ cpu }) => cpu),
    requests: barsOf(status.services, ({ requestsPerSecond }) => requestsPerSecond),
    machine: {
      cpu: Math.round(status.machine.cpu),
      memory: Math.round(
        (100 * status.machine.memoryUsedBytes) / Math.max(1, status.machine.memoryBytes),
      ),
    },
    limits: [
      { colour: 'yellow', ...flat(advice.thresholds.latencyP99.warning) },
      { colour: 'red', ...flat(advice.thresholds.latencyP99.critical) },
    ],
    events: events
      .toReversed()
      .map(
        (each) => `${mark[each.severity]} ${each.at.slice(11, 19)} ${each.service} ${each.text}`,
      ),
    topology: Object.entries(Object.groupBy(status.services, ({ group }) => group)).map(
      ([group, members = []]) =>
        `${spoken(group)} ×${workersText(members[0]?.workers ?? [])}${members.length > 1 ? `: ${members.map(({ name }) => name).join(', ')}` : ''}`,
    ),
    p99: slowest.map((name) => toLine(name, history[name]?.p99 ?? [])),
    advice:
      advice.recommendations.length === 0
        ? quiet(status, advice)
        : advice.recommendations.map(
            (each) => `${mark[each.severity]} ${each.action} ${each.service}: ${each.reason}`,
          ),
  };
};

/** That all is well, or why nothing is advised on what is not. */
const quiet = ({ services }: Status, { notAdvised }: Advice): readonly string[] => {
  const troubled = services.filter(({ severity }) => severity !== 'ok').map(({ name }) => name);
  if (troubled.length === 0) return ['no service is under pressure'];
  const reasons = notAdvised
    .filter(({ service }) => troubled.includes(service))
    .map(({ service, because }) => `no advice on ${service}: ${because}`);
  return reasons.length === 0 ? [`no advice now on ${troubled.join(', ')}`] : reasons;
};

/** The services that have most of something. */
const barsOf = (
  services: readonly ServiceStatus[],
  figure: (service: ServiceStatus) => number,
): Bars => {
  const most = services.toSorted((a, b) => figure(b) - figure(a)).slice(0, bars);
  return {
    titles: most.map(({ name }) => name),
    data: most.map((service) => Math.round(figure(service))),
  };
};

const flat = (value: number): { readonly x: string[]; readonly y: number[] } => ({
  x: Array.from({ length: points }, (_, index) => `-${points - index}s`),
  y: Array<number>(points).fill(value),
});

/** The last point is now, also of a service that is younger than the chart is long. */
const toLine = (title: string, known: readonly number[]): Board['p99'][number] => {
  const before = Array<number>(Math.max(0, points - known.length)).fill(0);
  const y = [...before, ...known.slice(-points)].map((value) => Math.round(value));
  return { title, ...flat(0), y };
};

const workersText = (workers: ServiceStatus['workers']): string =>
  [currentWorkers(workers).length, standbyText(workers)].join(' ').trimEnd();
