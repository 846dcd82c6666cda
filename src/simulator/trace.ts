import { traceInvalid } from '../protocol/simulation-errors.ts';

/** A load over time: the mean rate of each step. */
export type Trace = {
  readonly name: string;
  readonly stepSeconds: number;
  readonly requestsPerSecond: readonly number[];
};

/** Nobody waits for the simulation of more, and it would not fit into memory. */
const longestDays = 92;

/** Reads CSV with the columns `timestamp_s,requests_per_s`: each row holds until the next one. */
export const parseTrace = (name: string, text: string): Trace => {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  if (head.trim() !== 'timestamp_s,requests_per_s') {
    throw traceInvalid(name, 1, 'is not the heading timestamp_s,requests_per_s');
  }
  const rows = lines.map((line, index) => parseRow(name, line, index + 2));
  if (rows.length < 2) {
    throw traceInvalid(name, rows.length + 1, 'is the last one, and a trace has two steps or more');
  }
  checkTimes(name, rows);
  const gaps = rows.slice(1).map(({ at }, index) => at - (rows[index]?.at ?? at));
  return { name, ...inSteps(rows, gaps) };
};

const checkTimes = (name: string, rows: readonly Row[]): void => {
  const first = rows[0]?.at ?? 0;
  for (const [index, { at }] of rows.entries()) {
    if (index > 0 && at <= (rows[index - 1]?.at ?? first)) {
      throw traceInvalid(name, index + 2, 'is not later than the one before');
    }
    if (at - first > longestDays * 86_400) {
      throw traceInvalid(name, index + 2, `is more than ${longestDays} days after the first`);
    }
  }
};

/** The mean rate of each step; the last row holds for as long as the shortest. */
const inSteps = (rows: readonly Row[], gaps: readonly number[]): Omit<Trace, 'name'> => {
  const shortest = gaps.reduce((a, b) => Math.min(a, b));
  const stepSeconds = stepOf(gaps, shortest);
  const [first, last] = [rows[0]?.at ?? 0, rows.at(-1)?.at ?? 0];
  const length = Math.ceil(steps((last + shortest - first) / stepSeconds));
  const requestsPerSecond = Array.from({ length }, () => 0);
  for (const [index, { at, rate }] of rows.entries()) {
    const from = steps((at - first) / stepSeconds);
    const next = rows[index + 1]?.at;
    const to = next === undefined ? length : steps((next - first) / stepSeconds);
    for (let step = Math.floor(from); step < to; step += 1) {
      const part = Math.min(step + 1, to) - Math.max(step, from);
      requestsPerSecond[step] = (requestsPerSecond[step] ?? 0) + rate * part;
    }
  }
  return { stepSeconds, requestsPerSecond };
};

/** As long as the shortest row if all others are some of those; else a second, as the load is looked up. */
const stepOf = (gaps: readonly number[], shortest: number): number => {
  const areMultiples = gaps.every((gap) => Number.isInteger(steps(gap / shortest)));
  return areMultiples && shortest >= 1 ? shortest : 1;
};

/** Decimal fractions of a second are not exact. */
const steps = (count: number): number => {
  const whole = Math.round(count);
  return Math.abs(count - whole) < 1e-6 ? whole : count;
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
