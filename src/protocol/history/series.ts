/** How a series goes from seconds to longer steps: a peak must not vanish in a mean. */
type Joining = 'mean' | 'peak';

/** What is kept of each service at every moment, in this order. */
const joinings = {
  /** Per worker, 0–100 of one core. */
  cpu: 'mean',
  /** Event-loop utilisation of the busiest worker, 0–100. */
  elu: 'mean',
  p50: 'mean',
  p90: 'mean',
  p99: 'peak',
  max: 'peak',
  pending: 'peak',
  requestsPerSecond: 'mean',
  errorRate: 'mean',
  /** Of all workers together. */
  memoryMb: 'peak',
  /** Those that are ready. */
  workers: 'mean',
  /** 0 ok, 1 warning, 2 critical. */
  severity: 'peak',
} as const satisfies Record<string, Joining>;

export type Series = keyof typeof joinings;
export const seriesNames = Object.keys(joinings) as readonly Series[];

/** What is kept of the machine, in this order. */
const machineJoinings = {
  cpu: 'mean',
  cores: 'mean',
  memoryUsedMb: 'peak',
  memoryMb: 'mean',
} as const satisfies Record<string, Joining>;

export type MachineSeries = keyof typeof machineJoinings;
export const machineSeriesNames = Object.keys(machineJoinings) as readonly MachineSeries[];

/** Everything at one moment: of each service one number a series, and of the machine. */
export type Moment = {
  /** Milliseconds since the epoch, a whole step. */
  readonly at: number;
  readonly machine: readonly number[];
  readonly services: ReadonlyMap<string, readonly number[]>;
};

/** Several moments as one of a longer step. */
export const joinMoments = (at: number, moments: readonly Moment[]): Moment => {
  const names = new Set(moments.flatMap(({ services }) => [...services.keys()]));
  const join = (kinds: readonly Joining[], rows: readonly (readonly number[])[]): number[] =>
    kinds.map((kind, index) =>
      joined(
        kind,
        rows.map((row) => row[index] ?? 0),
      ),
    );
  return {
    at,
    machine: join(
      Object.values(machineJoinings),
      moments.map(({ machine }) => machine),
    ),
    services: new Map(
      [...names].map((name) => {
        const rows = moments.flatMap(({ services }) => [services.get(name) ?? []]);
        const seen = rows.filter((row) => row.length > 0);
        return [name, join(Object.values(joinings), seen)];
      }),
    ),
  };
};

const joined = (kind: Joining, values: readonly number[]): number =>
  kind === 'peak'
    ? Math.max(...values)
    : values.reduce((sum, value) => sum + value, 0) / values.length;
