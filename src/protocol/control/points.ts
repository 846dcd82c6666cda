import type { ServiceHistory, Snapshot } from './messages.ts';

/** So many points are shown of each service: of a minute. */
const keptPoints = 60;
/** Older ones are put away only now and then. */
const mostPoints = 2 * keptPoints;

/** A snapshot with no more of its history than its last points. */
export const withLastPoints = ({ history, ...snapshot }: Snapshot, count: number): Snapshot => ({
  ...snapshot,
  history: Object.fromEntries(
    Object.entries(history).map(([name, { cpu, p99 }]) => [
      name,
      // `slice(-0)` would be all of them.
      {
        cpu: cpu.slice(Math.max(0, cpu.length - count)),
        p99: p99.slice(Math.max(0, p99.length - count)),
      },
    ]),
  ),
});

type Series = { readonly cpu: number[]; readonly p99: number[] };

/**
 * Puts histories together again of which only the new points came. With a thousand services a
 * screen shows fifty: the points of a service are cut out when somebody looks at them.
 */
export class Points {
  #series = new Map<string, Series>();

  constructor({ history }: Snapshot) {
    for (const [name, { cpu, p99 }] of Object.entries(history)) {
      this.#series.set(name, { cpu: [...cpu], p99: [...p99] });
    }
  }

  /** The same snapshot with the whole minute of each of its services. */
  join({ history, ...snapshot }: Snapshot): Snapshot {
    const before = this.#series;
    this.#series = new Map();
    const whole: Record<string, ServiceHistory> = {};
    for (const name in history) {
      const series = joined(before.get(name), history[name]);
      this.#series.set(name, series);
      whole[name] = new LastMinute(series);
    }
    return { ...snapshot, history: whole };
  }
}

/** What an earlier snapshot looks at stays: a list that would be too long is left to it. */
const joined = (
  before: Series = { cpu: [], p99: [] },
  after: ServiceHistory = { cpu: [], p99: [] },
): Series => {
  const isLong = before.cpu.length >= mostPoints;
  const series = isLong
    ? { cpu: before.cpu.slice(-keptPoints), p99: before.p99.slice(-keptPoints) }
    : before;
  series.cpu.push(...after.cpu);
  series.p99.push(...after.p99);
  return series;
};

/** The last points of lists that only become longer. */
class LastMinute implements ServiceHistory {
  readonly #series: Series;
  readonly #end: number;

  constructor(series: Series) {
    this.#series = series;
    this.#end = series.cpu.length;
  }

  get cpu(): readonly number[] {
    return this.#last(this.#series.cpu);
  }

  get p99(): readonly number[] {
    return this.#last(this.#series.p99);
  }

  toJSON(): ServiceHistory {
    return { cpu: this.cpu, p99: this.p99 };
  }

  #last(points: readonly number[]): readonly number[] {
    return points.slice(Math.max(0, this.#end - keptPoints), this.#end);
  }
}
