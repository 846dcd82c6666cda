/** Calls between two processes: ThreadForge beside a bare socket and beside others, in turn. */
import { join } from 'node:path';
import type { Figures, Job } from '../test/fixtures/apps/calls/drive.ts';
import { freePort } from '../test/helpers/free-port.ts';
import { type Contender, cpuMsOf, startPair } from './calls/contender.ts';
import { startForge } from './calls/forge.ts';
import { startWattBy } from './calls/watt.ts';
import { median } from './figures.ts';

type Start = () => Promise<Contender>;
type Measured = Figures & { readonly calleeUs: number };

const inFolder = (folder: string): string => join(folder, 'calls.sock');

const starts: Readonly<Record<string, Start>> = {
  floor: () => startPair('bare socket', 'floor.ts', inFolder),
  forge: startForge,
  moleculer: async () => {
    const ports = `${await freePort()},${await freePort()}`;
    return startPair('Moleculer TCP', 'moleculer.mjs', () => ports);
  },
  nest: async () => {
    const port = String(await freePort());
    return startPair('NestJS TCP', 'nest.mjs', () => port);
  },
  wattFetch: () => startWattBy('fetch'),
  wattMessaging: () => startWattBy('messaging'),
  grpc: () => startPair('gRPC', 'grpc.mjs', (folder) => `unix:${inFolder(folder)}`),
};

const forMs = Number(process.env['BENCH_MS'] ?? 1_000);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
/** `of`: who takes part, first the one that the others are compared with; all unless it says so. */
type Row = Job & { readonly title: string; readonly of?: readonly string[] };

const jobs: readonly Row[] = [
  { ask: 'user', inFlight: 64, forMs, title: '200-byte reply, 64 in flight' },
  { ask: 'user', inFlight: 512, forMs, title: '200-byte reply, 512 in flight' },
  { ask: 'bytes', inFlight: 16, forMs, title: '64 KB, 16 in flight', of: ['floor', 'forge'] },
  {
    ask: 'stream',
    inFlight: 4,
    forMs,
    title: 'streams of 64 × 64 KB, 4 in flight',
    of: ['floor', 'forge'],
  },
  {
    ask: 'local',
    inFlight: 64,
    forMs,
    title: '200-byte reply in one worker, 64 in flight',
    of: ['moleculer', 'forge'],
  },
];

const measure = async (contender: Contender, job: Job): Promise<Measured> => {
  const { calleePid } = contender;
  const cpuMs = (): number => (calleePid === undefined ? 0 : cpuMsOf(calleePid));
  const before = cpuMs();
  const figures = await contender.drive(job);
  const calls = figures.perSecond * (job.forMs / 1_000);
  return { ...figures, calleeUs: ((cpuMs() - before) * 1_000) / calls };
};

const wanted = process.argv.slice(2);
const names = Object.keys(starts).filter((name) => wanted.length === 0 || wanted.includes(name));
const contenders = new Map<string, Contender>();

const cell = (value: number, digits = 0): string => value.toFixed(digits).padStart(10);
const titles = ['calls/s', 'ratio', 'P50 ms', 'P99 ms', 'caller µs', 'callee µs', 'µs ratio'];

/** Ratios are taken within each round, as the machine is busier in one than in another. */
const describe = (
  name: string,
  measured: readonly Measured[],
  base: readonly Measured[],
): string => {
  const of = (field: keyof Measured): number => median(measured.map((row) => row[field]));
  const cpu = (row: Measured | undefined): number => (row?.cpuUs ?? 0) + (row?.calleeUs ?? 0);
  const ratio = median(measured.map((row, round) => row.perSecond / (base[round]?.perSecond ?? 0)));
  const cpuRatio = median(measured.map((row, round) => cpu(row) / cpu(base[round])));
  return [
    name.padEnd(16),
    ...[cell(of('perSecond')), cell(ratio, 2), cell(of('p50Ms'), 2), cell(of('p99Ms'), 2)],
    ...[cell(of('cpuUs'), 1), cell(of('calleeUs'), 1), cell(cpuRatio, 2)],
  ].join('');
};

const runJob = async (job: Row): Promise<void> => {
  const taking = (job.of ?? names).filter((name) => contenders.has(name));
  const rows = new Map(taking.map((name): [string, Measured[]] => [name, []]));
  const run = async (name: string, forMs: number): Promise<Measured> =>
    measure(contenders.get(name) as Contender, { ...job, forMs });
  for (const name of taking) await run(name, 500);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of taking) rows.get(name)?.push(await run(name, job.forMs));
  }
  const head = titles.map((title) => title.padStart(10)).join('');
  process.stdout.write(`\n${job.title}\n${''.padEnd(16)}${head}\n`);
  const base = rows.get(taking[0] ?? '') ?? [];
  for (const [name, measured] of rows) {
    process.stdout.write(`${describe(contenders.get(name)?.name ?? name, measured, base)}\n`);
  }
};

try {
  for (const name of names) contenders.set(name, await (starts[name] as Start)());
  for (const job of jobs) await runJob(job);
} finally {
  for (const contender of contenders.values()) await contender[Symbol.asyncDispose]();
}
