import type { Snapshot } from '../../src/protocol/control/messages.ts';
import type { HistoryPage, HistoryRecord } from '../../src/protocol/history/messages.ts';
import { absent, packCodes, toCode } from '../../src/protocol/history/pack.ts';
import { machineSeriesNames, type Series, seriesNames } from '../../src/protocol/history/series.ts';
import type { ServiceStatus } from '../../src/protocol/metrics.ts';

const megabyte = 1024 * 1024;
const severities = ['ok', 'warning', 'critical'];

const figures = (service: ServiceStatus): Readonly<Record<Series, number>> => ({
  ...service.latencyMs,
  cpu: service.cpu,
  elu: 0,
  pending: service.pending,
  requestsPerSecond: service.requestsPerSecond,
  errorRate: service.errorRate,
  memoryMb: service.memoryBytes / megabyte,
  workers: service.workers.length,
  severity: severities.indexOf(service.severity),
});

const pack = (columns: readonly (readonly (number | undefined)[])[]): string =>
  packCodes(
    columns.flatMap((column) =>
      column.map((value) => (value === undefined ? absent : toCode(value))),
    ),
  ).toString('base64');

const timeOf = ({ status }: Snapshot): number => Math.floor(Date.parse(status.at) / 1_000) * 1_000;

const layoutAt = (snapshot: Snapshot): HistoryRecord => ({
  kind: 'layout',
  at: timeOf(snapshot),
  services: snapshot.status.services.map(({ name, group, colocatedWith, status, workers }) => ({
    name,
    group,
    colocatedWith,
    status,
    workers: workers.map(({ id, pid, restarts, startedAt, ...worker }) => ({
      id,
      pid,
      status: worker.status,
      restarts,
      startedAt,
    })),
  })),
});

const adviceAt = (snapshot: Snapshot): HistoryRecord => ({
  kind: 'advice',
  at: timeOf(snapshot),
  recommendations: snapshot.advice.recommendations,
  notAdvised: snapshot.advice.notAdvised,
  thresholds: snapshot.advice.thresholds,
});

/** What a supervisor keeps of snapshots, in one page. */
export const pageOf = (snapshots: readonly Snapshot[]): HistoryPage => {
  const machines = snapshots.map(({ status: { machine } }) => [
    machine.cpu,
    machine.cores,
    machine.memoryUsedBytes / megabyte,
    machine.memoryBytes / megabyte,
  ]);
  const names = new Set(snapshots.flatMap(({ status }) => status.services.map(({ name }) => name)));
  const columnsOf = (name: string) => {
    const seen = snapshots.map(({ status }) => status.services.find((each) => each.name === name));
    return seriesNames.map((series) => seen.map((each) => each && figures(each)[series]));
  };
  const events = new Map(
    snapshots.flatMap(({ events: seen }) => seen.map((event) => [JSON.stringify(event), event])),
  );
  return {
    version: 1,
    stepMs: 1_000,
    at: snapshots.map(timeOf),
    machineSeries: machineSeriesNames,
    machine: pack(machineSeriesNames.map((_, series) => machines.map((each) => each[series]))),
    series: seriesNames,
    services: Object.fromEntries([...names].map((name) => [name, pack(columnsOf(name))])),
    records: [
      ...snapshots.flatMap((snapshot) => [layoutAt(snapshot), adviceAt(snapshot)]),
      ...[...events.values()].map(
        (event): HistoryRecord => ({ kind: 'event', at: Date.parse(event.at), event }),
      ),
    ].toSorted((a, b) => a.at - b.at),
    held: [],
  };
};
