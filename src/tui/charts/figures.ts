import type { Snapshot } from '../../protocol/control/messages.ts';

/** What the wallboard draws; pure, so that it can be tested without a terminal. */
export type Board = {
  readonly cpu: { readonly titles: string[]; readonly data: number[] };
  readonly p99: readonly { readonly title: string; readonly x: string[]; readonly y: number[] }[];
  readonly services: string[][];
  readonly advice: readonly string[];
};

export const serviceColumns = ['service', 'state', 'wrk', 'cpu %', 'req/s', 'p99 ms', 'pending'];

const mark = { ok: '●', warning: '▲', critical: '◆' } as const;

const shown = 4;

/** The four slowest services get a line and the four busiest a bar: it is read from afar. */
export const toBoard = ({ status, advice, history }: Snapshot): Board => {
  const slowest = status.services
    .toSorted((a, b) => b.latencyMs.p99 - a.latencyMs.p99)
    .slice(0, shown)
    .map(({ name }) => name);
  const busiest = status.services.toSorted((a, b) => b.cpu - a.cpu).slice(0, shown);
  return {
    cpu: {
      titles: busiest.map(({ name }) => name.slice(0, 8)),
      data: busiest.map(({ cpu }) => Math.round(cpu)),
    },
    p99: slowest.map((name) => toLine(name, history[name]?.p99 ?? [])),
    services: status.services.map((service) => [
      service.name,
      `${mark[service.severity]} ${service.status}`,
      String(service.workers.length),
      service.cpu.toFixed(0),
      service.requestsPerSecond.toFixed(0),
      service.latencyMs.p99.toFixed(0),
      String(service.pending),
    ]),
    advice: advice.recommendations.map(
      (each) => `${mark[each.severity]} ${each.action} ${each.service}: ${each.reason}`,
    ),
  };
};

const toLine = (title: string, points: readonly number[]): Board['p99'][number] => ({
  title,
  x: points.map((_, index) => `-${points.length - index}s`),
  y: points.map((value) => Math.round(value)),
});
