/** Calls between two processes: ThreadForge and others, each alone beside a bare socket. */
import { join } from 'node:path';
import type { Figures, Job } from '../test/fixtures/apps/calls/drive.ts';
import { freePort } from '../test/helpers/free-port.ts';
import { type Contender, cpuMsOf, startPair } from './calls/contender.ts';
import { startForge } from './calls/forge.ts';
import { startWattBy } from './calls/watt.ts';
import { median } from './figures.ts';

type Measured = Figures & { readonly calleeUs: number };

const inFolder = (folder: string): string => join(folder, 'calls.sock');

const startMoleculer = async (name: string, program: string): Promise<Contender> => {
  const ports = `${await freePort()},${await freePort()}`;
  return startPair(name, program, () => ports);
};

const starts = {
  floor: () => startPair('bare socket', 'floor.ts', inFolder),
  forge: startForge,
  moleculer: () => startMoleculer('Moleculer TCP', 'moleculer.mjs'),
  moleculerAlike: () => startMoleculer('… metered', 'moleculer-alike.mjs'),
  nest: async () => {
    const port = String(await freePort());
    return startPair('NestJS TCP', 'nest.mjs', () => port);
  },
  wattFetch: () => startWattBy('fetch'),
  wattMessaging: () => startWattBy('messaging'),
  grpc: () => startPair('gRPC', 'grpc.mjs', (folder) => `unix:${inFolder(folder)}`),
} as const satisfies Readonly<Record<string, () => Promise<Contender>>>;

type Name = keyof typeof starts;

const forMs = Number(process.env['BENCH_MS'] ?? 1_000);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const wanted = process.argv.slice(2);

/** `rivals` are measured beside `base`: all of them beside the bare socket unless it says so. */
type Row = Job & {
  readonly title: string;
  readonly base?: Name;
  readonly rivals?: readonly Name[];
};

const besideFloor = (Object.keys(starts) as Name[]).filter(
  (name) => name !== 'floor' && name !== 'moleculerAlike',
);

const jobs: readonly Row[] = [
  { ask: 'user', inFlight: 64, forMs, title: '200-byte reply, 64 in flight' },
  { ask: 'user', inFlight: 512, forMs, title: '200-byte reply, 512 in flight' },
  { ask: 'bytes', inFlight: 16, forMs, title: '64 KB, 16 in flight', rivals: ['forge'] },
  {
    ask: 'stream',
    inFlight: 4,
    forMs,
    title: 'streams of 64 × 64 KB, 4 in flight',
    rivals: ['forge'],
  },
  {
    ask: 'local',
    inFlight: 64,
    forMs,
    title: '200-byte reply in one worker, 64 in flight',
    base: 'moleculer',
    rivals: ['forge'],
  },
  {
    ask: 'local',
    inFlight: 64,
    forMs,
    title: 'the same beside Moleculer with metrics, a timeout and copied parameters',
    base: 'moleculerAlike',
    rivals: ['forge'],
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

/**
 * Only these two are there meanwhile: what the processes of others do while they rest takes from
 * those that are measured, and not the same from each.
 */
const runPair = async (job: Row, [base, rival]: readonly [Name, Name]): Promise<void> => {
  await using first = await starts[base]();
  await using second = await starts[rival]();
  const both = [first, second].map((contender) => ({ contender, measured: [] as Measured[] }));
  for (const { contender } of both) await measure(contender, { ...job, forMs: 500 });
  for (let round = 0; round < rounds; round += 1) {
    for (const { contender, measured } of both) measured.push(await measure(contender, job));
  }
  const [{ measured: beside = [] } = {}] = both;
  for (const { contender, measured } of both) {
    process.stdout.write(`${describe(contender.name, measured, beside)}\n`);
  }
};

const isWanted = (name: Name): boolean => wanted.length === 0 || wanted.includes(name);
const head = titles.map((title) => title.padStart(10)).join('');

for (const job of jobs) {
  const { title, base = 'floor', rivals = besideFloor } = job;
  const taking = rivals.filter(isWanted);
  if (taking.length > 0) process.stdout.write(`\n${title}\n${''.padEnd(16)}${head}\n`);
  for (const rival of taking) await runPair(job, [base, rival]);
}
