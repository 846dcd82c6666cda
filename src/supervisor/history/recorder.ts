import type { Advice } from '../../protocol/advice.ts';
import type { ServiceLayout } from '../../protocol/history/messages.ts';
import type { MachineSeries, Moment, Series } from '../../protocol/history/series.ts';
import { machineSeriesNames, seriesNames } from '../../protocol/history/series.ts';
import type { ServiceStatus, Status } from '../../protocol/metrics.ts';
import { severities } from '../../protocol/severity.ts';
import type { Thresholds } from '../../protocol/thresholds.ts';
import { megabytes } from '../../protocol/units.ts';
import type { Advisory } from '../advice/advisory.ts';
import type { History } from './history.ts';

type Seen = {
  readonly at: number;
  readonly status: Status;
  readonly thresholds: Thresholds;
  readonly advisory: Pick<Advisory, 'recommendations' | 'notAdvised' | 'memory'>;
};

/** Turns what the supervisor sees into what is kept; the layout and the advice when they change. */
export class Recorder {
  readonly #history: History;
  #layout = '';
  #advice = '';

  constructor(history: History) {
    this.#history = history;
  }

  /** Once a second. */
  tick({ at, status, advisory, thresholds }: Seen): void {
    const services = status.services.map(toLayout);
    const layout = JSON.stringify(services);
    if (layout !== this.#layout) this.#history.record({ kind: 'layout', at, services });
    this.#layout = layout;
    const { recommendations, notAdvised } = advisory;
    const advice = outlineOf({ recommendations, notAdvised, thresholds });
    if (advice !== this.#advice) {
      this.#history.record({ kind: 'advice', at, recommendations, notAdvised, thresholds });
    }
    this.#advice = advice;
    this.#history.tick(toMoment(at, status), advisory.memory);
  }
}

/** Its figures change every second; the advice is another when this is. */
const outlineOf = ({
  recommendations,
  notAdvised,
  thresholds,
}: Pick<Advice, 'recommendations' | 'notAdvised' | 'thresholds'>): string =>
  JSON.stringify([
    ...recommendations.map(({ id, severity, command }) => [id, severity, command]),
    ...notAdvised.map(({ service, action }) => [service, action]),
    thresholds,
  ]);

const toLayout = (service: ServiceStatus): ServiceLayout => {
  const { name, group, port, colocatedWith, status, reason, workers } = service;
  return {
    name,
    group,
    ...(port === undefined ? {} : { port }),
    colocatedWith,
    status,
    ...(reason === undefined ? {} : { reason }),
    workers: workers.map(({ id, pid, status: state, restarts, startedAt }) => ({
      id,
      pid,
      status: state,
      restarts,
      startedAt,
    })),
  };
};

const toMoment = (at: number, { machine, services }: Status): Moment => {
  const figures: Readonly<Record<MachineSeries, number>> = {
    cpu: machine.cpu,
    cores: machine.cores,
    memoryUsedMb: machine.memoryUsedBytes / megabytes(1),
    memoryMb: machine.memoryBytes / megabytes(1),
  };
  return {
    at,
    machine: machineSeriesNames.map((name) => figures[name]),
    services: new Map(
      services.map((service) => {
        const own = seriesOf(service);
        return [service.name, seriesNames.map((name) => own[name])];
      }),
    ),
  };
};

const seriesOf = (service: ServiceStatus): Readonly<Record<Series, number>> => {
  const ready = service.workers.filter(({ status }) => status === 'ready');
  return {
    cpu: service.cpu,
    elu: Math.max(0, ...ready.map((worker) => worker.eventLoopUtilization * 100)),
    ...service.latencyMs,
    pending: service.pending,
    requestsPerSecond: service.requestsPerSecond,
    errorRate: service.errorRate,
    memoryMb: service.memoryBytes / megabytes(1),
    workers: ready.length,
    severity: severities.indexOf(service.severity),
  };
};
