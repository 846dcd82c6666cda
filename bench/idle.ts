/** What a supervisor of idle services costs, and whether it grows: minutes, services, workers of each. */
import { setTimeout as after } from 'node:timers/promises';
import { cpuSeconds, residentMb } from '../test/helpers/process-usage.ts';
import { slopePerHour } from './figures.ts';
import { startIdleApp } from './idle-app.ts';

const [minutes = 60, count = 20, workers = 1] = process.argv.slice(2).map(Number);
const settleMs = 10_000;
const everyMs = 1_000;

const app = await startIdleApp({ services: count, workers });
const { pid, startSeconds } = app;
await after(settleMs);

const cpuBefore = cpuSeconds(pid);
const startedAt = performance.now();
const memory: { readonly at: number; readonly value: number }[] = [];
while (performance.now() - startedAt < minutes * 60_000) {
  await after(everyMs);
  memory.push({ at: performance.now() - startedAt, value: residentMb(pid) });
}
const seconds = (performance.now() - startedAt) / 1_000;
const cpu = ((cpuSeconds(pid) - cpuBefore) / seconds) * 100;
await app[Symbol.asyncDispose]();
const values = memory.map(({ value }) => value);
process.stdout.write(
  [
    `supervisor of ${count} idle services with ${count * workers} workers, ${minutes} min`,
    `  start     ${startSeconds.toFixed(1)} s until all are ready`,
    `  CPU       ${cpu.toFixed(2)} % of one core`,
    `  resident  ${Math.max(...values).toFixed(1)} MB at most, ${(values.at(-1) ?? 0).toFixed(1)} MB at the end`,
    `  growth    ${slopePerHour(memory).toFixed(2)} MB/h (slope of the second half)`,
    '',
  ].join('\n'),
);
