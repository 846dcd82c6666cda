/**
 * What `forge top` costs and how soon it answers, beside other consoles in the same run. A figure
 * that has a goal says so, and the last line names those that miss theirs. On a machine that does
 * something else meanwhile only ratios within one run mean anything.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { screenRows } from '../src/tui/screens/screen.ts';
import { isSmallSize, type Size } from '../src/tui/screens/size.ts';
import { initialState, withSnapshot } from '../src/tui/state/state.ts';
import { rush } from '../test/console/shop.ts';
import { serveFixed } from '../test/helpers/supervisor.ts';
import { openTerminal } from '../test/helpers/terminal.ts';
import { usageOf, type Watched, watch } from '../test/helpers/watched.ts';
import { Goals, median } from './figures.ts';

const forge = join(import.meta.dirname, '../dist/cli/main.js');
const size = { columns: 160, rows: 50 };
const seconds = Number(process.argv[2] ?? 20);
const settleMs = 4_000;

type Served = AsyncDisposable & { readonly socketPath: string };

const serve = async (services: number, everyMs: number, changes = true): Promise<Served> => {
  const program = join(import.meta.dirname, '../test/helpers/crowd-supervisor.ts');
  const args = [program, String(services), String(everyMs), changes ? 'yes' : 'no'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const socketPath = await new Promise<string>((resolve) =>
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())),
  );
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const openTop = (socketPath: string, everyMs: number): Watched =>
  watch([process.execPath, forge, 'top', '--socket', socketPath, '--every', String(everyMs)], size);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

type Figure = readonly [unit: string, value: number, digits: number, atMost?: number | undefined];

const goals = new Goals();

const spelled = (name: string, [unit, value, digits, atMost]: Figure): string =>
  `${goals.judged(`${name}, ${unit}`, value, { digits, atMost }).padStart(14)} ${unit.padEnd(8)}`;

const line = (name: string, figures: readonly Figure[]): void =>
  say(`${name.padEnd(30)} ${figures.map((figure) => spelled(name, figure)).join(' ')}`.trimEnd());

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;

/** A key that moves the selection, again and again, at moments that have nothing to do with data. */
const keyDelays = async (top: Watched, services: number, count: number) => {
  const delays: number[] = [];
  const bytes: number[] = [];
  let at = 1;
  for (let key = 0; key < count; key += 1) {
    const goesUp = Math.floor(key / (services - 1)) % 2 === 1;
    at += goesUp ? -1 : 1;
    await pause(20 + Math.random() * 40);
    const before = top.bytes();
    const pressedAt = performance.now();
    top.type(goesUp ? 'k' : 'j');
    delays.push((await top.shows(new RegExp(`\\b${at}/${services} *$`, 'm'))) - pressedAt);
    bytes.push(top.bytes() - before);
  }
  return { delays, bytesPerKey: median(bytes) };
};

type Most = Partial<Record<'cpu' | 'kilobytes' | 'memory' | 'p50' | 'p99' | 'key', number>>;

const measure = async (services: number, everyMs: number, most: Most): Promise<void> => {
  await using served = await serve(services, everyMs);
  const top = openTop(served.socketPath, everyMs);
  await top.shows(new RegExp(`1/${services} *$`, 'm'));
  await pause(settleMs);
  // The keys also warm the code up, as an hour of watching does.
  const { delays, bytesPerKey } = await keyDelays(top, services, 200);
  await pause(settleMs);
  const { cpuPercent, bytesPerSecond, residentMb } = await usageOf(top, seconds);
  await top.end();
  line(`forge top, ${services} services, ${1_000 / everyMs} Hz`, [
    ['% CPU', cpuPercent, 2, most.cpu],
    ['KB/s', bytesPerSecond / 1_000, 2, most.kilobytes],
    ['MB', residentMb, 0, most.memory],
    ['ms p50', quantile(delays, 0.5), 1, most.p50],
    ['ms p99', quantile(delays, 0.99), 1, most.p99],
    ['B/key', bytesPerKey, 0, most.key],
  ]);
};

const measureRest = async (): Promise<void> => {
  await using served = await serve(30, 1_000, false);
  const top = openTop(served.socketPath, 1_000);
  await top.shows(/1\/30 *$/m);
  await pause(settleMs);
  const { cpuPercent, bytesPerSecond } = await usageOf(top, seconds);
  await top.end();
  line('forge top, nothing changes', [
    ['% CPU', cpuPercent, 2],
    ['B/s', bytesPerSecond, 0, 0],
  ]);
};

/** Rows that differ from those of a fresh start at that size, over many sizes. */
const measureSizes = async (count: number): Promise<void> => {
  await using supervisor = await serveFixed({ snapshot: rush });
  const args = ['top', '--socket', supervisor.socketPath, '--every', '1000'];
  await using top = openTerminal(args, { ...size, env: { NO_COLOR: '1' } });
  await top.shows(/1\/8$/);
  let stray = 0;
  for (let turn = 0; turn < count; turn += 1) {
    const columns = 40 + Math.floor(Math.random() * 160);
    const rows = 10 + Math.floor(Math.random() * 50);
    const expected = freshRows({ columns, rows });
    await top.resize({ columns, rows });
    for (let wait = 0; wait < 200 && top.rows().join('\n') !== expected.join('\n'); wait += 1) {
      await pause(10);
    }
    stray += top.rows().filter((row, y) => row !== expected[y]).length;
  }
  line(`forge top, ${count} sizes`, [['stray rows', stray, 0, 0]]);
};

const freshRows = (at: Size): readonly string[] => {
  const start = { ...withSnapshot(initialState(false), rush), isSmall: isSmallSize(at) };
  return screenRows(start, at, { ascii: false, color: false }).map((row) => row.trimEnd());
};

/** In a process of its own, whose heap is collected on request. */
const measureHeap = (): void => {
  const program = join(import.meta.dirname, 'frames.ts');
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', program, '10000', '30']);
  const growth = Number(/heap ([+-][\d.]+) MB/.exec(stdout.toString())?.[1]);
  line('10,000 frames', [['MB of heap', growth, 2, 2]]);
};

const measureStart = async (): Promise<void> => {
  await using served = await serve(30, 1_000);
  const painted: number[] = [];
  const answered: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const startedAt = performance.now();
    const top = openTop(served.socketPath, 1_000);
    painted.push((await top.shows(/1\/30 *$/m)) - startedAt);
    top.type('j');
    answered.push((await top.shows(/2\/30 *$/m)) - startedAt);
    await top.end();
  }
  line('forge top, start of 9', [
    ['ms seen', median(painted), 0, 120],
    ['ms key', median(answered), 0, 350],
  ]);
  const bare: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['-e', 'process.stdout.write("x")']);
    bare.push(performance.now() - startedAt);
  }
  line('node and one write, of 9', [['ms', median(bare), 0]]);
};

/** Others read all of /proc, or their own daemon: they are neighbours, not equals. */
const pm2 = join(import.meta.dirname, 'node_modules/.bin/pm2');
const others: readonly (readonly [string, readonly string[]])[] = [
  ['htop, 1 Hz', ['htop', '-d', '10']],
  ['btop, its own 0.5 Hz', ['btop', '--utf-force']],
];

const isThere = (program: string): boolean =>
  existsSync(program) || spawnSync('which', [program]).status === 0;

const measureOther = async (
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const [program = ''] = argv;
  if (!isThere(program)) {
    say(`${name.padEnd(30)} absent: ${program} is not installed`);
    return;
  }
  const other = watch(argv, { ...size, env });
  await other.shows(/\S/);
  await pause(settleMs);
  const { cpuPercent, bytesPerSecond, residentMb } = await usageOf(other, seconds);
  const firstMs = other.firstWriteMs();
  await other.end();
  line(name, [
    ['% CPU', cpuPercent, 2],
    ['KB/s', bytesPerSecond / 1_000, 2],
    ['MB', residentMb, 0],
    ['ms 1st', firstMs, 0],
  ]);
};

/** Without apps it has nothing to draw. */
const measurePm2 = async (): Promise<void> => {
  const home = mkdtempSync(join(tmpdir(), 'forge-bench-pm2-'));
  const env = { PM2_HOME: home };
  const run = (...args: readonly string[]) =>
    spawnSync(pm2, args, { env: { ...process.env, ...env } });
  try {
    writeFileSync(join(home, 'idle.js'), 'setInterval(() => undefined, 1_000);');
    run('start', join(home, 'idle.js'), '-i', '6');
    await measureOther('pm2 monit, 6 idle apps', [pm2, 'monit'], env);
  } finally {
    run('kill');
    rmSync(home, { recursive: true, force: true });
  }
};

await measureStart();
await measureRest();
await measure(30, 1_000, { cpu: 1, kilobytes: 8, memory: 110, p50: 5, p99: 16, key: 1_600 });
await measure(30, 250, { cpu: 1.5, memory: 110, p50: 5, p99: 16, key: 1_600 });
await measure(1_000, 1_000, { cpu: 1.5, p99: 30, key: 1_600 });
measureHeap();
await measureSizes(200);
for (const [name, argv] of others) await measureOther(name, argv);
await measurePm2();
say(goals.verdict);
