/** What a supervisor of idle services costs, and whether it grows: minutes, services, workers of each. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { cpuSeconds, residentMb } from '../test/helpers/process-usage.ts';
import { slopePerHour } from './figures.ts';

const [minutes = 60, count = 20, workers = 1] = process.argv.slice(2).map(Number);
const root = join(import.meta.dirname, '..');
const forge = join(root, 'dist/cli/main.js');
const settleMs = 10_000;
const everyMs = 1_000;

const directory = mkdtempSync(join(tmpdir(), 'bench-idle-'));
mkdirSync(join(directory, 'node_modules'));
symlinkSync(root, join(directory, 'node_modules/threadforge'));
writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
writeFileSync(
  join(directory, 'idle.mjs'),
  "import { Service } from 'threadforge';\nexport default class extends Service {}\n",
);
const names = Array.from({ length: count }, (_, index) => `idle${index}`);
const services = Object.fromEntries(names.map((name) => [name, { entry: './idle.mjs', workers }]));
writeFileSync(
  join(directory, 'forge.config.json'),
  JSON.stringify({ app: 'idle', http: { port: 0 }, services }),
);

const begun = performance.now();
const child = spawn(process.execPath, [forge, 'start', '--headless', '--app', directory], {
  env: { ...process.env, FORGE_RUN_DIR: join(directory, 'run') },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => child.once('exit', resolve));
await new Promise((resolve) => child.stdout.once('data', resolve));
const startSeconds = (performance.now() - begun) / 1_000;
await after(settleMs);

const pid = child.pid ?? 0;
const cpuBefore = cpuSeconds(pid);
const startedAt = performance.now();
const memory: { readonly at: number; readonly value: number }[] = [];
while (performance.now() - startedAt < minutes * 60_000) {
  await after(everyMs);
  memory.push({ at: performance.now() - startedAt, value: residentMb(pid) });
}
const seconds = (performance.now() - startedAt) / 1_000;
const cpu = ((cpuSeconds(pid) - cpuBefore) / seconds) * 100;
child.kill('SIGTERM');
await ended;
rmSync(directory, { recursive: true, force: true });
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
