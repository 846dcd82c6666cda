import type { Snapshot } from '../../protocol/control/messages.ts';
import type { History } from '../../sdk/control/history.ts';

/** The last minutes of one service, one value a second, NaN where nothing was measured. */
export type Trend = {
  readonly service: string;
  /** Second of the epoch of the newest value. */
  readonly at: number;
  readonly cpu: readonly number[];
  readonly p99: readonly number[];
};

export const trendSeconds = 600;

const secondsTo = (at: number, valueAt: (second: number) => number): readonly number[] =>
  Array.from({ length: trendSeconds }, (_, index) => valueAt(at - trendSeconds + 1 + index));

/** What is kept of it, each value for as long as its step. */
export const trendOf = (service: string, history: History, atMs: number): Trend => {
  const { at: times, stepMs, services } = history;
  const at = Math.floor(atMs / 1_000);
  const series = (values: Float32Array | undefined): readonly number[] => {
    let step = 0;
    return secondsTo(at, (second) => {
      while (step < times.length && (times[step] ?? 0) + stepMs <= second * 1_000) step += 1;
      const isIn = (times[step] ?? Number.POSITIVE_INFINITY) <= second * 1_000;
      return isIn ? (values?.[step] ?? Number.NaN) : Number.NaN;
    });
  };
  const columns = services[service];
  return { service, at, cpu: series(columns?.cpu), p99: series(columns?.p99) };
};

/** It goes on with the minute that each snapshot has. */
export const advanced = (trend: Trend, { status, history }: Snapshot): Trend => {
  const at = Math.floor(Date.parse(status.at) / 1_000);
  const minute = history[trend.service];
  const series = (of: 'cpu' | 'p99'): readonly number[] =>
    secondsTo(at, (second) => {
      const recent = minute?.[of] ?? [];
      const fresh = recent[recent.length - 1 - (at - second)];
      return fresh ?? trend[of][second - trend.at + trendSeconds - 1] ?? Number.NaN;
    });
  return { ...trend, at, cpu: series('cpu'), p99: series('p99') };
};
