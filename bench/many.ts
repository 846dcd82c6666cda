/**
 * What a worker costs when it starts among many, beside one that starts among twenty: workers in all,
 * two of each service, which may call five others. In turn, each several times.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { cpuSeconds } from '../test/helpers/process-usage.ts';
import { Goals, median } from './figures.ts';
import { startIdleApp } from './idle-app.ts';

const [most = 200, rounds = 3] = process.argv.slice(2).map(Number);
const few = 20;
const workers = 2;
const idleMs = 10_000;
/** In which all put-off work is done, one worker after the other. */
const settleMs = (count: number): number => 2_000 + count * 45;

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

type Seen = { readonly seconds: number; readonly cpuMs: number; readonly idlePercent: number };

const start = async (count: number): Promise<Seen> => {
  await using app = await startIdleApp({ services: count / workers, workers, connects: 5 });
  const { pid, startSeconds: seconds } = app;
  const all = [pid, ...childrenOf(pid)].reduce((sum, each) => sum + cpuSeconds(each), 0);
  await after(settleMs(count));
  const before = cpuSeconds(pid);
  await after(idleMs);
  const idlePercent = ((cpuSeconds(pid) - before) / idleMs) * 100_000;
  return { seconds, cpuMs: (all / count) * 1_000, idlePercent };
};

const seen = new Map<number, Seen[]>([
  [few, []],
  [most, []],
]);
for (let round = 0; round < rounds; round += 1) {
  for (const [count, all] of seen) all.push(await start(count));
}
const of = (count: number, figure: keyof Seen): number =>
  median((seen.get(count) ?? []).map((one) => one[figure]));
const ratio = of(most, 'cpuMs') / of(few, 'cpuMs');
const goals = new Goals();
const rows = [few, most].map((count) =>
  [
    `  ${String(count).padStart(4)} workers  ${of(count, 'seconds').toFixed(1)} s until all are ready`,
    `${of(count, 'cpuMs').toFixed(0)} ms of CPU a worker, supervisor and ingress included`,
    `supervisor then ${of(count, 'idlePercent').toFixed(1)} % of a core`,
  ].join(', '),
);
process.stdout.write(
  [
    `start of many workers (medians of ${rounds}, in turn)`,
    ...rows,
    `  ratio         ${goals.judged('CPU of a worker among many', ratio, { digits: 2, atMost: 1.1 })}`,
    goals.verdict,
    '',
  ].join('\n'),
);
