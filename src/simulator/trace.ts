import { traceInvalid } from '../protocol/simulation-errors.ts';

/** A load over time: the mean rate of each step. */
export type Trace = {
  readonly name: string;
  readonly stepSeconds: number;
  readonly requestsPerSecond: readonly number[];
};

/** Reads CSV with the columns `timestamp_s,requests_per_s`, in steps of one length. */
export const parseTrace = (name: string, text: string): Trace => {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  if (head.trim() !== 'timestamp_s,requests_per_s') {
    throw traceInvalid(name, 1, 'is not the heading timestamp_s,requests_per_s');
  }
  const rows = lines.map((line, index) => parseRow(name, line, index + 2));
  const [first, second] = rows;
  if (first === undefined || second === undefined) {
    throw traceInvalid(name, rows.length + 1, 'is the last one, and a trace has two steps or more');
  }
  const stepSeconds = second.at - first.at;
  if (!(stepSeconds > 0)) throw traceInvalid(name, 3, 'is not later than the one before');
  const length = Math.round(((rows.at(-1)?.at ?? 0) - first.at) / stepSeconds) + 1;
  const requestsPerSecond = Array.from({ length }, () => 0);
  for (const { at, rate } of rows) {
    requestsPerSecond[Math.round((at - first.at) / stepSeconds)] = rate;
  }
  return { name, stepSeconds, requestsPerSecond };
};

type Row = { readonly at: number; readonly rate: number };

const parseRow = (name: string, line: string, number: number): Row => {
  const [at, rate, ...more] = line.split(',').map((cell) => Number(cell.trim() || Number.NaN));
  const isRow = at !== undefined && rate !== undefined && more.length === 0;
  if (!isRow || !Number.isFinite(at) || !Number.isFinite(rate) || rate < 0) {
    throw traceInvalid(name, number, 'is not two numbers, seconds and requests a second');
  }
  return { at, rate };
};

export const secondsOf = ({ stepSeconds, requestsPerSecond }: Trace): number =>
  Math.round(stepSeconds * requestsPerSecond.length);

/** The same shape with this rate at its peak. */
export const scaledTo = (trace: Trace, peak: number): Trace => {
  const highest = Math.max(...trace.requestsPerSecond);
  const factor = highest > 0 ? peak / highest : 0;
  return { ...trace, requestsPerSecond: trace.requestsPerSecond.map((rate) => rate * factor) };
};

/** Requests a second in one second of it; the last ones after its end. */
export const rateAt = ({ stepSeconds, requestsPerSecond }: Trace, second: number): number =>
  requestsPerSecond[Math.min(requestsPerSecond.length - 1, Math.floor(second / stepSeconds))] ?? 0;
