/** What `forge top` costs and how soon it answers, beside other consoles in the same run. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { usageOf, type Watched, watch } from '../test/helpers/watched.ts';
import { median } from './figures.ts';

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

const line = (name: string, figures: readonly (readonly [string, number, number])[]): void =>
  say(
    `${name.padEnd(40)} ${figures
      .map(([unit, value, digits]) => `${value.toFixed(digits).padStart(7)} ${unit.padEnd(7)}`)
      .join(' ')}`,
  );

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

const measure = async (services: number, everyMs: number): Promise<void> => {
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
    ['% CPU', cpuPercent, 2],
    ['KB/s', bytesPerSecond / 1_000, 2],
    ['MB', residentMb, 0],
    ['ms p50', quantile(delays, 0.5), 1],
    ['ms p99', quantile(delays, 0.99), 1],
    ['B/key', bytesPerKey, 0],
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
    ['KB/s', bytesPerSecond / 1_000, 2],
  ]);
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
  line('forge top, start (median of 9)', [
    ['ms seen', median(painted), 0],
    ['ms key', median(answered), 0],
  ]);
  const bare: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['-e', 'process.stdout.write("x")']);
    bare.push(performance.now() - startedAt);
  }
  line('node and one write (median of 9)', [['ms', median(bare), 0]]);
};

/** Others read all of /proc, or their own daemon: they are neighbours, not equals. */
const pm2 = join(import.meta.dirname, 'node_modules/.bin/pm2');
const others: readonly (readonly [string, readonly string[]])[] = [
  ['htop, 1 Hz', ['htop', '-d', '10']],
  ['btop, its own 0.5 Hz', ['btop', '--utf-force']],
  ['pm2 monit', [pm2, 'monit']],
];

const isThere = (program: string): boolean =>
  existsSync(program) || spawnSync('which', [program]).status === 0;

const measureOther = async (name: string, argv: readonly string[]): Promise<void> => {
  const [program = ''] = argv;
  if (!isThere(program)) {
    say(`${name.padEnd(40)} absent: ${program} is not installed`);
    return;
  }
  const other = watch(argv, { ...size, env: { PM2_HOME: '/tmp/forge-bench-pm2' } });
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

await measureStart();
await measureRest();
for (const everyMs of [1_000, 250]) await measure(30, everyMs);
await measure(1_000, 1_000);
for (const [name, argv] of others) await measureOther(name, argv);
if (existsSync(pm2)) {
  spawnSync(pm2, ['kill'], { env: { ...process.env, PM2_HOME: '/tmp/forge-bench-pm2' } });
}
