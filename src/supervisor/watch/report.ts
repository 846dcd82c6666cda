import { enoughErrors } from '../../advisor/signals/errors.ts';
import type { ServiceStatus, Status } from '../../protocol/metrics.ts';
import { type Severity, worst } from '../../protocol/severity.ts';
import { errorsLine, severityOf, type Thresholds } from '../../protocol/thresholds.ts';
import { isCommand } from '../../protocol/topology.ts';
import type { ServiceState } from '../crew/service-state.ts';
import type { Engine } from '../engine.ts';
import type { MachineFigures } from '../metrics/machine.ts';
import type { MeasuredService, ServiceFigures } from '../metrics/measured.ts';
import { type Metrics, shownMs } from '../metrics/metrics.ts';

export const toMeasured = (state: ServiceState): MeasuredService => ({
  name: state.config.name,
  group: state.group,
  colocatedWith: state.colocatedWith,
  ...(isCommand(state.config) ? { isCommand: true } : {}),
  minWorkers: state.config.workers.min,
  maxWorkers: state.config.workers.max,
  ...(state.config.memoryLimit === undefined ? {} : { memoryLimit: state.config.memoryLimit }),
  workers: state.workers,
});

type Moment = {
  readonly machine: MachineFigures;
  readonly version: string;
  readonly at: number;
  readonly states: readonly ServiceState[];
};

/** `forge status --json`: the engine's states with the figures of the last ten seconds. */
export const statusOf = (engine: Engine, metrics: Metrics, moment: Moment): Status => {
  const { version, at, states } = moment;
  const { throttled: _advisors, ...machine } = moment.machine;
  return {
    version: 1,
    app: engine.config.app,
    at: new Date(at).toISOString(),
    supervisor: {
      pid: process.pid,
      startedAt: engine.startedAt.toISOString(),
      adoptedWorkers: engine.adoptedWorkers,
      version,
    },
    ...(engine.problem === undefined ? {} : { problem: engine.problem }),
    machine: { ...machine, cpu: machine.cpu ?? 0 },
    services: states.map((state) => {
      const port = engine.front.portOf(state.config.name);
      return serviceStatus(state, metrics, { at, port, thresholds: thresholdsOf(engine) });
    }),
  };
};

const thresholdsOf = (engine: Engine): Thresholds => engine.config.advisor.thresholds;

type Circumstances = {
  readonly at: number;
  readonly port: number | undefined;
  readonly thresholds: Thresholds;
};

const serviceStatus = (
  state: ServiceState,
  metrics: Metrics,
  { at, port, thresholds }: Circumstances,
): ServiceStatus => {
  const { busyPerWorker, ...figures } = metrics.figures(toMeasured(state), at);
  return {
    name: state.config.name,
    group: state.group,
    ...(port === undefined ? {} : { port }),
    colocatedWith: state.colocatedWith,
    status: state.status,
    severity: severityOfService(state, { ...figures, busyPerWorker }, thresholds),
    ...(state.reason === undefined ? {} : { reason: state.reason }),
    workers: state.workers.map((worker) => ({
      ...worker,
      ...metrics.worker(worker.id, at),
      startedAt: new Date(worker.startedAt).toISOString(),
    })),
    ...figures,
  };
};

/** Of few answers a single error is a large part. */
const errorPercentOf = ({ errorRate, requestsPerSecond }: ServiceFigures): number =>
  (errorRate * requestsPerSecond * shownMs) / 1_000 < enoughErrors ? 0 : errorRate * 100;

/** A colocated service is not blamed for the loop it shares: its own share of it counts. */
const severityOfService = (
  state: ServiceState,
  figures: ServiceFigures,
  thresholds: Thresholds,
): Severity => {
  if (state.status === 'failed') return 'critical';
  const alone = state.colocatedWith.length === 0;
  const busy = alone ? (figures.busyPerWorker[0] ?? 0) : figures.cpu;
  const megabytes = figures.memoryBytes / Math.max(1, state.workers.length) / 1024 / 1024;
  return worst([
    severityOf(busy, thresholds.cpu),
    severityOf(figures.latencyMs.p99, thresholds.latencyP99),
    severityOf(figures.pending, thresholds.pending),
    severityOf(megabytes, thresholds.memory),
    severityOf(errorPercentOf(figures), errorsLine(thresholds)),
  ]);
};
