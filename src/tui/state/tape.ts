import type { Action } from '../../protocol/action.ts';
import type { Snapshot, TimelineEvent } from '../../protocol/control/messages.ts';
import type { HistoryRecord, ServiceLayout } from '../../protocol/history/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import type { Thresholds } from '../../protocol/thresholds.ts';
import type { History } from '../../sdk/control/history.ts';
import { actionsAt } from './past-actions.ts';

/** What was recorded of an app, and the little that does not change. */
export type Recorded = {
  readonly app: string;
  readonly machine: string;
  /** For moments of which they were not kept. */
  readonly thresholds: Thresholds;
  readonly history: History;
  readonly actions: readonly Action[];
};

type RecordOf<K extends HistoryRecord['kind']> = Extract<HistoryRecord, { readonly kind: K }>;

/** A recorded period, ready to be shown at any of its moments. */
export type Tape = Recorded & {
  readonly events: readonly RecordOf<'event'>[];
  readonly advices: readonly RecordOf<'advice'>[];
  readonly layouts: readonly RecordOf<'layout'>[];
};

export const toTape = (recorded: Recorded): Tape => {
  const { records, held } = recorded.history;
  const all = [...held, ...records];
  const of = <K extends HistoryRecord['kind']>(kind: K): readonly RecordOf<K>[] =>
    all
      .filter((record): record is RecordOf<K> => record.kind === kind)
      .toSorted((a, b) => a.at - b.at);
  return { ...recorded, events: of('event'), advices: of('advice'), layouts: of('layout') };
};

/** Place of the last of these times that is not after `at`; -1 when all are. */
export const placeAt = (count: number, timeOf: (index: number) => number, at: number): number => {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(middle) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

export const momentAt = ({ history: { at: times } }: Tape, at: number): number =>
  placeAt(times.length, (index) => times[index] ?? 0, at);

const lastAt = <R extends { readonly at: number }>(
  records: readonly R[],
  at: number,
): R | undefined => records[placeAt(records.length, (index) => records[index]?.at ?? 0, at)];

export const bounds = ({ history: { at } }: Tape): readonly [first: number, last: number] => [
  at[0] ?? 0,
  at.at(-1) ?? 0,
];

const shownEvents = 50;
const minuteSeconds = 60;

/** The whole app as it was at a moment. */
export const snapshotAt = (tape: Tape, at: number): Snapshot => {
  const { app, thresholds, history, actions } = tape;
  const moment = momentAt(tape, at);
  const minuteOf = minuteTo(tape, at);
  const time = new Date(at).toISOString();
  const advice = lastAt(tape.advices, at);
  const events = eventsAt(tape, at);
  // A layout is noted within the second of the first figures.
  const layout = lastAt(tape.layouts, at) ?? tape.layouts[0];
  const services = (layout?.services ?? []).flatMap((layout) =>
    serviceAt(layout, history.services[layout.name], moment),
  );
  return {
    status: {
      version: 1,
      app,
      at: time,
      supervisor: { pid: 0, startedAt: time, adoptedWorkers: 0 },
      machine: machineAt(tape, moment),
      services,
    },
    advice: {
      version: 1,
      app,
      at: time,
      thresholds: advice?.thresholds ?? thresholds,
      recommendations: advice?.recommendations ?? [],
      notAdvised: advice?.notAdvised ?? [],
    },
    actions: actionsAt(actions, events, at),
    events: events.slice(-shownEvents),
    history: Object.fromEntries(
      services.map(({ name }) => [
        name,
        { cpu: minuteOf(history.services[name]?.cpu), p99: minuteOf(history.services[name]?.p99) },
      ]),
    ),
  };
};

const eventsAt = ({ events }: Tape, at: number): readonly TimelineEvent[] =>
  events
    .slice(0, placeAt(events.length, (index) => events[index]?.at ?? 0, at) + 1)
    .map(({ event }) => event);

const megabyte = 1024 * 1024;

const machineAt = (
  { machine: name, history: { machine } }: Tape,
  moment: number,
): Snapshot['status']['machine'] => ({
  name,
  cores: Math.round(machine.cores?.[moment] ?? 0),
  cpu: machine.cpu?.[moment] ?? 0,
  memoryBytes: (machine.memoryMb?.[moment] ?? 0) * megabyte,
  memoryUsedBytes: (machine.memoryUsedMb?.[moment] ?? 0) * megabyte,
});

const severities = ['ok', 'warning', 'critical'] as const;

/** Of its workers only the layout is kept: their own figures are not numbers. */
const serviceAt = (
  layout: ServiceLayout,
  columns: History['services'][string] | undefined,
  moment: number,
): readonly ServiceStatus[] => {
  const figure = (values: Float32Array | undefined): number => {
    const value = values?.[moment] ?? 0;
    return Number.isNaN(value) ? 0 : value;
  };
  const unknown = {
    cpu: Number.NaN,
    eventLoopUtilization: Number.NaN,
    rssBytes: Number.NaN,
    pending: Number.NaN,
  };
  return [
    {
      ...layout,
      workers: layout.workers.map((worker) => ({ ...worker, ...unknown })),
      severity: severities[figure(columns?.severity)] ?? 'ok',
      cpu: figure(columns?.cpu),
      memoryBytes: figure(columns?.memoryMb) * megabyte,
      pending: Math.round(figure(columns?.pending)),
      requestsPerSecond: figure(columns?.requestsPerSecond),
      errorRate: figure(columns?.errorRate),
      latencyMs: {
        p50: figure(columns?.p50),
        p90: figure(columns?.p90),
        p99: figure(columns?.p99),
        max: figure(columns?.max),
      },
    },
  ];
};

/** Of a series one value a second, NaN where nothing was measured. */
const minuteTo = (tape: Tape, at: number) => {
  const { at: times, stepMs } = tape.history;
  const moments: number[] = [];
  let moment = momentAt(tape, at);
  for (let ago = 0; ago < minuteSeconds; ago += 1) {
    const second = at - ago * 1_000;
    while (moment >= 0 && (times[moment] ?? 0) > second) moment -= 1;
    moments.push(moment >= 0 && second - (times[moment] ?? 0) < stepMs ? moment : -1);
  }
  return (values: Float32Array | undefined): readonly number[] =>
    moments.map((each) => values?.[each] ?? Number.NaN).toReversed();
};
