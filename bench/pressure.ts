/**
 * What a client that asks a hundred times a second notices while others do their worst: a thousand
 * slow clients, bodies without end, subscribers that stand still and a burst of events. Calm and
 * trouble are measured in turn, so that a ratio comes from one machine in one mood. Who makes trouble
 * for the ingress is a process of its own: what it costs is printed beside what the ingress spends.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startCopy } from '../test/helpers/app-copy.ts';
import { parsePrometheus } from '../test/helpers/prometheus.ts';
import { statusOf } from '../test/helpers/status.ts';
import { startIngressApp } from '../test/process/ingress-app.ts';
import { median } from './figures.ts';

const rounds = Number(process.argv[2] ?? 3);
const calmMs = Number(process.argv[3] ?? 10) * 1_000;
const askEveryMs = 10;
type Facts = Readonly<Record<string, number>>;
type Trouble = {
  readonly title: string;
  /** What the good client asks. */
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Begins at once, and resolves when it is over. */
  readonly make: () => Promise<Facts>;
};

const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });

/** How long the answer took; undefined if it was none. */
const ask = ({ url, method }: Trouble): Promise<number | undefined> =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const asking = request(url, { agent, method, timeout: 5_000 }, (answer) => {
      const { statusCode = 0 } = answer;
      answer.resume().once('close', () => {
        resolve(answer.complete && statusCode < 300 ? performance.now() - startedAt : undefined);
      });
    });
    asking.once('timeout', () => asking.destroy()).once('error', () => resolve(undefined));
    asking.end();
  });

type Seen = { readonly asked: number; readonly failed: number; readonly p99Ms: number };

/** Asks at its pace, whatever becomes of it, as long as something else goes on. */
const watch = async (trouble: Trouble, meanwhile: Promise<unknown>): Promise<Seen> => {
  const answers: Promise<number | undefined>[] = [];
  let isOver = false;
  const over = meanwhile.finally(() => {
    isOver = true;
  });
  const startedAt = performance.now();
  while (!isOver) {
    const due = (performance.now() - startedAt) / askEveryMs;
    while (answers.length < due) answers.push(ask(trouble));
    await after(1);
  }
  await over;
  const all = await Promise.all(answers);
  const took = all.filter((each) => each !== undefined).toSorted((a, b) => a - b);
  const p99Ms = took[Math.floor(took.length * 0.99)] ?? Number.NaN;
  return { asked: all.length, failed: all.length - took.length, p99Ms };
};

const measure = async (trouble: Trouble): Promise<void> => {
  const runs: { readonly calm: Seen; readonly worst: Seen; readonly facts: Facts }[] = [];
  await watch(trouble, after(1_000));
  for (let round = 0; round < rounds; round += 1) {
    const calm = await watch(trouble, after(calmMs));
    const making = trouble.make();
    const worst = await watch(trouble, making);
    runs.push({ calm, worst, facts: await making });
  }
  const of = (pick: (run: (typeof runs)[number]) => number): string =>
    median(runs.map(pick)).toFixed(2);
  const names = Object.keys(runs[0]?.facts ?? {});
  const lines = [
    `${trouble.title}, median of ${rounds}`,
    `  P99 of the good client    ${of(({ calm }) => calm.p99Ms)} ms, then ${of(({ worst }) => worst.p99Ms)} ms: ${of(({ calm, worst }) => worst.p99Ms / calm.p99Ms)} ×`,
    `  failed                    ${of(({ worst }) => worst.failed)} of ${of(({ worst }) => worst.asked)}`,
    ...names.map((name) => `  ${name.padEnd(25)} ${of(({ facts }) => facts[name] ?? 0)}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};

/** Megabytes: what a process has, or the most that it had. */
const memoryOf = (pid: number, what: 'VmRSS' | 'VmHWM'): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
};

/** With how much more memory a process got through it. */
const withGrowth = async (pid: number, use: () => Promise<Facts>): Promise<Facts> => {
  const before = memoryOf(pid, 'VmRSS');
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const facts = await use();
  return { ...facts, 'memory grew, MB': memoryOf(pid, 'VmHWM') - before };
};

/** Milliseconds that a process ran, and that it waited for a core. */
const coreOf = (pid: number): { readonly ran: number; readonly waited: number } => {
  const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 };
};

const run = promisify(execFile);
const troublemaker = join(import.meta.dirname, 'pressure/trouble.ts');

type Trial = { readonly kind: 'slow' | 'huge'; readonly origin: string; readonly ingress: number };

/** What of a core each of the two had while it lasted. */
const trouble = async ({ kind, origin, ingress }: Trial): Promise<Facts> => {
  const [startedAt, before] = [performance.now(), coreOf(ingress)];
  const args = [troublemaker, kind, origin, String(calmMs)];
  const { stdout } = await run(process.execPath, args);
  const tookMs = performance.now() - startedAt;
  const { facts, cpuMs } = JSON.parse(stdout) as { readonly facts: Facts; readonly cpuMs: number };
  const { ran, waited } = coreOf(ingress);
  return {
    ...facts,
    'the ingress ran, %': ((ran - before.ran) / tookMs) * 100,
    'and waited for a core, %': ((waited - before.waited) / tookMs) * 100,
    'the troublemaker ran, %': (cpuMs / tookMs) * 100,
  };
};

const hostile = async (): Promise<void> => {
  const target = { entry: './services/target.mjs', workers: { min: 1, max: 1 } };
  await using app = await startIngressApp({ target }, { limits: { body: '32MB' } });
  const { origin } = app;
  const ingress = app.engine.front.ingress?.pid ?? 0;
  const good = { method: 'GET', url: `${origin}/work` } as const;
  const make = (kind: Trial['kind']) => (): Promise<Facts> =>
    withGrowth(ingress, () => trouble({ kind, origin, ingress }));
  await measure({ ...good, title: 'a thousand slow clients', make: make('slow') });
  await measure({ ...good, title: 'bodies without end, limit 32 MB', make: make('huge') });
};

const burst = 100_000;
/** Whoever does not answer for five seconds is replaced. */
const stillMs = 4_000;

const events = async (): Promise<void> => {
  await using app = await startCopy('test/fixtures/apps/market');
  const pidsOf = async (service: string): Promise<readonly number[]> =>
    (await statusOf(app)).services
      .filter(({ name }) => name === service)
      .flatMap(({ workers }) => workers.map(({ pid }) => pid));
  const dropped = async (): Promise<number> => {
    const all = parsePrometheus((await app.forge('metrics')).stdout).get('forge_events_total');
    return all?.find(({ labels }) => labels['outcome'] === 'dropped')?.value ?? 0;
  };
  const [publisher = 0] = await pidsOf('stall');
  /** The subscribers read nothing while it lasts. */
  const stoodStill = async (use: () => Promise<unknown>): Promise<Facts> => {
    const [before, subscribers] = [await dropped(), await pidsOf('ledger')];
    for (const pid of subscribers) process.kill(pid, 'SIGSTOP');
    try {
      await use();
    } finally {
      for (const pid of subscribers) process.kill(pid, 'SIGCONT');
    }
    // Workers report once a second.
    await after(2_000);
    return { 'events dropped': (await dropped()) - before };
  };
  const good = { method: 'POST', url: `${app.http}/flood/1` } as const;
  const still = (): Promise<Facts> => stoodStill(() => after(stillMs));
  await measure({
    ...good,
    title: 'subscribers that stand still, an event a request',
    make: () => withGrowth(publisher, still),
  });
  const flood = (): Promise<Facts> =>
    stoodStill(() => fetch(`${app.http}/flood/${burst}`, { method: 'POST' }));
  await measure({
    ...good,
    title: `a burst of ${burst} events while they do`,
    make: () => withGrowth(publisher, flood),
  });
};

const only = process.argv[4];
if (only !== 'events') await hostile();
if (only !== 'hostile') await events();
agent.destroy();
