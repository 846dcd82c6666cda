/** What the history costs: a second's writing, a month's room, an hour's reading. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../src/advisor/autopilot/limits.ts';
import { roundedView } from '../src/advisor/replay/input.ts';
import type { View } from '../src/advisor/view.ts';
import { seriesNames } from '../src/protocol/history/series.ts';
import type { Status } from '../src/protocol/metrics.ts';
import { defaultThresholds } from '../src/protocol/thresholds.ts';
import { instant, minutes, percent, seconds } from '../src/protocol/units.ts';
import { readHistory } from '../src/sdk/control/history.ts';
import { Advisory } from '../src/supervisor/advice/advisory.ts';
import { History } from '../src/supervisor/history/history.ts';
import { Recorder } from '../src/supervisor/history/recorder.ts';
import { median } from './figures.ts';

const workers = 8;
const days = Number(process.argv[2] ?? 30);
const begin = 1_763_942_400_000;

/** Noise, the same in every run. */
let state = 1;
const noise = (most: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (state / 0x7fffffff) * most;
};

const latency = (): Status['services'][number]['latencyMs'] => {
  const p99 = noise(90);
  return { p50: p99 / 4, p90: p99 / 2, p99, max: p99 * 1.3 };
};

const statusAt = (at: number, count: number): Status => ({
  version: 1,
  app: 'bench',
  at: new Date(at).toISOString(),
  supervisor: { pid: 1, startedAt: new Date(begin).toISOString(), adoptedWorkers: 0 },
  machine: {
    name: 'bench',
    cores: 16,
    cpu: noise(100),
    memoryBytes: 6e10,
    memoryUsedBytes: noise(6e10),
  },
  services: Array.from({ length: count }, (_, index) => ({
    name: `service${index}`,
    group: `_isolated:service${index}`,
    colocatedWith: [],
    status: 'ready',
    severity: 'ok',
    workers: Array.from({ length: workers }, (_none, worker) => ({
      id: `_isolated:service${index}#${worker}`,
      pid: index * workers + worker,
      status: 'ready',
      cpu: noise(100),
      eventLoopUtilization: noise(1),
      rssBytes: 8e7,
      pending: 0,
      restarts: 0,
      startedAt: new Date(begin).toISOString(),
    })),
    cpu: noise(50),
    memoryBytes: noise(8e8),
    pending: Math.round(noise(40)),
    requestsPerSecond: noise(2_000),
    errorRate: noise(0.01),
    latencyMs: latency(),
  })),
});

const viewAt = (at: number, count: number): View => ({
  at: instant(at),
  machine: { cores: 16, cpu: percent(noise(100)), memoryFreeBytes: 3e10 },
  services: Array.from({ length: count }, (_, index) => ({
    service: `service${index}`,
    group: `_isolated:service${index}`,
    colocatedWith: [],
    workers,
    minWorkers: 1,
    maxWorkers: 16,
    youngestMs: at - begin + 60_000,
    busyPerWorker: Array.from({ length: workers }, () => percent(noise(50))),
    cpuPerWorker: percent(noise(50)),
    starvation: noise(0.05),
    arrivalsPerSecond: noise(2_000),
    completionsPerSecond: noise(2_000),
    errorRate: noise(0.01),
    latencyMs: latency(),
    split: {
      cpuMs: noise(5),
      loopWaitMs: noise(2),
      downstreamMs: { [`service${(index + 1) % count}`]: noise(20) },
      externalMs: noise(9),
    },
    slices: { perSecond: noise(4_000), maxMs: noise(40), sumOfSquaresMs2PerSecond: noise(9_000) },
    pending: Math.round(noise(40)),
    memoryMbPerWorker: noise(100),
  })),
});

type Bench = Disposable & {
  readonly file: string;
  readonly history: History;
  /** Lives a second; tells what it took to keep it, and how much of that was work. */
  readonly live: (at: number) => { readonly tookMs: number; readonly cpuMs: number };
  /** Lives one without an advisor, to fill the file. */
  readonly keep: (at: number) => void;
};

const open = (count: number): Bench => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-history-'));
  const file = join(directory, 'history.db');
  const history = new History({ file, onTrouble: (_severity, text) => console.error(text) });
  const recorder = new Recorder(history);
  const config = {
    evaluationIntervalMs: seconds(30),
    cooldownMs: seconds(120),
    thresholds: defaultThresholds,
    scaling: { autoExecute: false, limits: defaultLimits },
  };
  const advisory = new Advisory({
    config: () => config,
    onEvent: (event) => history.record({ kind: 'event', at: Date.parse(event.at), event }),
    onVerified: () => undefined,
    onInput: (input) => history.input(input),
  });
  const variantAt = () => ({
    view: roundedView(viewAt(begin, count)),
    status: statusAt(begin, count),
  });
  const first = variantAt();
  const variants = Array.from({ length: 64 }, variantAt);
  return {
    file,
    history,
    live: (at) => {
      const view = viewAt(at, count);
      const status = statusAt(at, count);
      advisory.tick(view);
      const cpu = process.threadCpuUsage();
      const from = performance.now();
      recorder.tick({ at, status, advisory, thresholds: defaultThresholds });
      const tookMs = performance.now() - from;
      const { user, system } = process.threadCpuUsage(cpu);
      return { tookMs, cpuMs: (user + system) / 1_000 };
    },
    keep: (at) => {
      const { view, status } = variants[Math.floor(noise(variants.length))] ?? first;
      history.input({ type: 'view', view: { ...view, at: instant(at) } });
      recorder.tick({ at, status, advisory, thresholds: defaultThresholds });
    },
    [Symbol.dispose]: () => {
      history[Symbol.dispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? 0;

const megabytes = (size: number): string => `${(size / 1024 / 1024).toFixed(1)} MB`;

const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** What this process has given the kernel to write. */
const writtenBytes = (): number =>
  Number(/^wchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

out('services × workers   CPU a second: median, mean   held the loop: median, P99, most   written');
for (const count of [20, 50]) {
  using bench = open(count);
  // Until the advisor's half hours are full.
  for (let second = 0; second < 2_100; second += 10) bench.live(begin + second * 1_000);
  const written = writtenBytes();
  const seen = Array.from({ length: 300 }, (_, second) =>
    bench.live(begin + (2_200 + second) * 1_000),
  );
  const cpu = seen.map(({ cpuMs }) => cpuMs);
  const took = seen.map(({ tookMs }) => tookMs);
  const mean = cpu.reduce((sum, each) => sum + each, 0) / cpu.length;
  const cells = [
    `${count} × ${workers}`.padStart(18),
    `${median(cpu).toFixed(2)} ms ${mean.toFixed(2)} ms`.padStart(27),
    `${[0.5, 0.99, 1].map((q) => quantile(took, q).toFixed(1)).join(' ')} ms`.padStart(35),
    `${((writtenBytes() - written) / seen.length / 1024).toFixed(0)} kB/s`.padStart(10),
  ];
  out(cells.join(' '));
}

const count = 50;
using month = open(count);
for (let minute = 0; minute < days * 1_440; minute += 1) month.keep(begin + minutes(minute));
const last = begin + minutes(days * 1_440);
const hour = 3_600;
for (let second = 0; second < hour; second += 1) month.keep(last + second * 1_000);
out(`${days} days of ${count} services: ${megabytes(statSync(month.file).size)}`);

const before = process.memoryUsage().rss;
const times: number[] = [];
let bytes = 0;
let pages = 0;
const asked = performance.now();
const read = await readHistory(
  async (query) => {
    const from = performance.now();
    const page = month.history.query(query);
    const text = JSON.stringify(page);
    times.push(performance.now() - from);
    bytes += text.length;
    pages += 1;
    return JSON.parse(text);
  },
  { from: last, to: last + hour * 1_000 },
);
const values = Object.keys(read.services).length * seriesNames.length * read.at.length;
out(
  `60 min of ${count} services: ${values} values in ${pages} pages, ${megabytes(bytes)}; ` +
    `the supervisor's part ${times.map((ms) => ms.toFixed(0)).join(' + ')} ms, ` +
    `whole ${(performance.now() - asked).toFixed(0)} ms; as arrays ${megabytes(values * 4)}`,
);
out(`resident: ${megabytes(before)} before, ${megabytes(process.memoryUsage().rss)} after`);
