/** Calls between two processes: ThreadForge beside a bare socket and beside others, in turn. */
import { join } from 'node:path';
import type { Figures, Job } from '../test/fixtures/apps/calls/drive.ts';
import { freePort } from '../test/helpers/free-port.ts';
import { type Contender, cpuMsOf, startPair } from './calls/contender.ts';
import { startForge } from './calls/forge.ts';
import { median } from './figures.ts';

type Start = () => Promise<Contender>;
type Row = Figures & { readonly calleeUs: number };

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
  grpc: () => startPair('gRPC', 'grpc.mjs', (folder) => `unix:${inFolder(folder)}`),
};

const forMs = Number(process.env['BENCH_MS'] ?? 1_000);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const jobs: readonly (Job & { readonly title: string; readonly of: readonly string[] })[] = [
  { ask: 'user', inFlight: 64, forMs, title: '200-byte reply, 64 in flight', of: [] },
  { ask: 'user', inFlight: 512, forMs, title: '200-byte reply, 512 in flight', of: [] },
  { ask: 'bytes', inFlight: 16, forMs, title: '64 KB, 16 in flight', of: ['floor', 'forge'] },
];

const measure = async (contender: Contender, job: Job): Promise<Row> => {
  const before = cpuMsOf(contender.calleePid);
  const figures = await contender.drive(job);
  const calls = figures.perSecond * (job.forMs / 1_000);
  return { ...figures, calleeUs: ((cpuMsOf(contender.calleePid) - before) * 1_000) / calls };
};

const wanted = process.argv.slice(2);
const names = Object.keys(starts).filter((name) => wanted.length === 0 || wanted.includes(name));
const contenders = new Map<string, Contender>();
const cell = (value: number, digits = 0): string => value.toFixed(digits).padStart(10);
try {
  for (const name of names) contenders.set(name, await (starts[name] as Start)());
  for (const job of jobs) {
    const taking = [...contenders].filter(([name]) => job.of.length === 0 || job.of.includes(name));
    const rows = new Map<string, Row[]>(taking.map(([name]) => [name, []]));
    for (const [, contender] of taking) await measure(contender, { ...job, forMs: 300 });
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, contender] of taking) rows.get(name)?.push(await measure(contender, job));
    }
    const floor = rows.get('floor') ?? [];
    process.stdout.write(
      `\n${job.title}\n${''.padEnd(16)} ${['calls/s', '× floor', 'P50 ms', 'P99 ms', 'caller µs', 'callee µs'].map((title) => title.padStart(10)).join('')}\n`,
    );
    for (const [name, measured] of rows) {
      const of = (field: keyof Row): number => median(measured.map((row) => row[field]));
      const ratios = measured.map((row, round) => row.perSecond / (floor[round]?.perSecond ?? 0));
      process.stdout.write(
        `${(contenders.get(name)?.name ?? name).padEnd(16)} ${cell(of('perSecond'))}${cell(median(ratios), 2)}${cell(of('p50Ms'), 2)}${cell(of('p99Ms'), 2)}${cell(of('cpuUs'), 1)}${cell(of('calleeUs'), 1)}\n`,
      );
    }
  }
} finally {
  for (const contender of contenders.values()) await contender[Symbol.asyncDispose]();
}
