/**
 * Three times as many requests as one worker can answer, with admission control and without: what
 * is still answered, and how long that takes against an idle service; what a service beside it
 * notices, and how soon all is as before.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startApp } from '../test/helpers/forge.ts';
import { median } from './figures.ts';

const root = join(import.meta.dirname, '..');
/** Work of about 5 ms, in steps, so that it is the same work on a machine that is busy. */
const steps = 5_000_000;
const rounds = Number(process.argv[2] ?? 3);
const phaseMs = Number(process.argv[3] ?? 8) * 1_000;
/** As many requests as its capacity. */
const times = Number(process.argv[4] ?? 3);
const besidePerSecond = 50;

const service = `import { Service } from 'threadforge';
export default class extends Service {
  static contract = {
    routes: [
      { method: 'GET', path: '/burn', handler: 'burn' },
      { method: 'GET', path: '/high', handler: 'burn', priority: 'high' },
      { method: 'GET', path: '/low', handler: 'burn', priority: 'low' },
    ],
  };
  burn() {
    let sum = 0;
    for (let step = 0; step < ${steps}; step += 1) sum += Math.sqrt(step);
    return { sum };
  }
}`;

const beside = `import { Service } from 'threadforge';
export default class extends Service {
  static contract = { routes: { 'GET /beside': 'beside' } };
  beside() {
    return 1;
  }
}`;

type Seen = {
  readonly status: number;
  readonly tookMs: number;
  readonly path: string;
  readonly endedAt: number;
};

const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

const ask = (url: string, path: string): Promise<Seen> =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const end = (status: number): void =>
      resolve({ status, path, tookMs: performance.now() - startedAt, endedAt: performance.now() });
    request(url + path, { agent }, (answer) => {
      answer.resume().once('end', () => end(answer.statusCode ?? 0));
    })
      .once('error', () => end(0))
      .end();
  });

/** So many a second, whatever becomes of them. */
const openLoop = async (
  url: string,
  perSecond: number,
  pathOf: (index: number) => string,
): Promise<readonly Seen[]> => {
  const asked: Promise<Seen>[] = [];
  const startedAt = performance.now();
  for (let at = 0; at < phaseMs; at = performance.now() - startedAt) {
    while (asked.length < (at / 1_000) * perSecond) asked.push(ask(url, pathOf(asked.length)));
    await setTimeout(1);
  }
  return Promise.all(asked);
};

/** What one worker answers when it always has something to do. */
const capacityOf = async (url: string): Promise<number> => {
  let answered = 0;
  const until = performance.now() + phaseMs / 2;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      if ((await ask(url, '/burn')).status === 200) answered += 1;
    }
  };
  await Promise.all(Array.from({ length: 4 }, client));
  return answered / (phaseMs / 2_000);
};

const p99 = (all: readonly Seen[]): number => {
  const sorted = all.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
};

type Figures = {
  readonly capacity: number;
  readonly goodput: number;
  readonly idleMs: number;
  readonly admittedMs: number;
  readonly refusedMs: number;
  readonly shares: readonly number[];
  readonly besideFailed: number;
  readonly recoveredMs: number;
};

/** So many good answers in turn, none of them slow, and it is as before. */
const wholeAfter = 10;

/** How long after the overload that is. */
const recovery = async (url: string, usualMs: number): Promise<number> => {
  const startedAt = performance.now();
  let recoveredMs = 0;
  for (let good = 0; good < wholeAfter; ) {
    const { status, tookMs } = await ask(url, '/burn');
    const isGood = status === 200 && tookMs <= 3 * usualMs;
    good = isGood ? good + 1 : 0;
    if (!isGood) recoveredMs = performance.now() - startedAt;
  }
  return recoveredMs;
};

const paths = ['/high', '/burn', '/low'];
const mix = [1, 1, 2, 2, 1, 1, 2, 1, 2, 0];

const measure = async (url: string): Promise<Figures> => {
  const idle = await openLoop(url, 30, () => '/burn');
  const capacity = await capacityOf(url);
  const until = performance.now() + phaseMs;
  const pathOf = (index: number): string => paths[mix[index % mix.length] ?? 0] ?? '';
  const [all, others, recoveredMs] = await Promise.all([
    openLoop(url, capacity * times, pathOf),
    openLoop(url, besidePerSecond, () => '/beside'),
    setTimeout(phaseMs).then(() => recovery(url, p99(idle))),
  ]);
  const good = all.filter(({ status }) => status === 200);
  const inTime = good.filter(({ endedAt }) => endedAt <= until);
  return {
    capacity,
    goodput: inTime.length / (phaseMs / 1_000) / capacity,
    idleMs: p99(idle),
    admittedMs: p99(good),
    recoveredMs,
    besideFailed: others.filter(({ status }) => status !== 200).length,
    refusedMs: p99(all.filter(({ status }) => status === 503)),
    shares: paths.map((path) => {
      const asked = all.filter((each) => each.path === path);
      return asked.filter(({ status }) => status === 200).length / asked.length;
    }),
  };
};

const start = async (enabled: boolean) => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-overload-'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/threadforge'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(directory, 'burn.mjs'), service);
  writeFileSync(join(directory, 'beside.mjs'), beside);
  writeFileSync(
    join(directory, 'forge.config.json'),
    JSON.stringify({
      app: 'overload',
      http: { port: 0, admission: { enabled } },
      services: {
        burn: { entry: './burn.mjs', workers: { min: 1, max: 1 } },
        beside: { entry: './beside.mjs' },
      },
    }),
  );
  const app = await startApp(directory);
  return { url: app.http, stop: () => app[Symbol.asyncDispose](), directory };
};

const report = (name: string, all: readonly Figures[]): string => {
  const of = (pick: (one: Figures) => number, digits: number): string =>
    median(all.map(pick)).toFixed(digits);
  return [
    `admission ${name}, median of ${all.length}`,
    `  capacity                ${of(({ capacity }) => capacity, 0)}/s`,
    `  in time, of capacity    ${of(({ goodput }) => goodput, 2)}`,
    `  P99 idle and admitted   ${of(({ idleMs }) => idleMs, 1)} ms, ${of(({ admittedMs }) => admittedMs, 1)} ms: ${of((one) => one.admittedMs / one.idleMs, 2)} ×`,
    `  P99 of refusals         ${of(({ refusedMs }) => refusedMs, 1)} ms`,
    `  answered                ${paths.map((path, index) => `${path} ${of(({ shares }) => (shares[index] ?? 0) * 100, 0)} %`).join(', ')}`,
    `  the service beside it   ${of(({ besideFailed }) => besideFailed, 0)} of ${(besidePerSecond * phaseMs) / 1_000} failed`,
    `  as before after         ${of(({ recoveredMs }) => recoveredMs, 0)} ms`,
    '',
  ].join('\n');
};

for (const enabled of [true, false]) {
  const { url, stop, directory } = await start(enabled);
  try {
    const all: Figures[] = [];
    for (let round = 0; round < rounds; round += 1) all.push(await measure(url));
    process.stdout.write(report(enabled ? 'on' : 'off', all));
  } finally {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
agent.destroy();
