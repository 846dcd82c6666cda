/**
 * Requests a second through the ingress, beside bare Node and beside others, in turn. All share the
 * cores of this machine with the generator: read the ratios.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './figures.ts';
import { type Target, targets } from './http/targets.ts';

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 3);
const durationMs = 3_000;
/** The more code a request runs through, the later all of it is compiled. */
const warmUpMs = 8_000;
const only = process.argv.slice(3);

type Seen = { readonly perSecond: number; readonly p99Ms: number; readonly failed: number };

const measure = async (url: string, forMs: number): Promise<Seen> => {
  const load = join(import.meta.dirname, 'http/load.mjs');
  const { stdout } = await run(process.execPath, [load, url, String(forMs)]);
  return JSON.parse(stdout) as Seen;
};

const chosen = targets.filter(({ name }) => only.length === 0 || only.includes(name));
const seen = new Map<string, Seen[]>();
await using started = new AsyncDisposableStack();
const running: (Target & { readonly url: string })[] = [];
for (const target of chosen) {
  const { url, stop } = await target.start();
  started.defer(stop);
  running.push({ ...target, url });
  await measure(url, warmUpMs);
}
for (let round = 0; round < rounds; round += 1) {
  for (const { name, url } of running) {
    const one = await measure(url, durationMs);
    seen.set(name, [...(seen.get(name) ?? []), one]);
  }
}
const medianOf = (name: string, pick: (one: Seen) => number): number =>
  median((seen.get(name) ?? []).map(pick));
const lines = running.map(({ name, beside }) => {
  const own = medianOf(name, ({ perSecond }) => perSecond);
  const ratios = beside
    .filter((other) => seen.has(other))
    .map(
      (other) => `${(own / medianOf(other, ({ perSecond }) => perSecond)).toFixed(2)} × ${other}`,
    );
  const p99 = `P99 ${medianOf(name, ({ p99Ms }) => p99Ms).toFixed(0)} ms`;
  const failed = medianOf(name, (one) => one.failed);
  return [
    name.padEnd(26),
    `${own.toFixed(0)}/s`.padStart(9),
    p99.padStart(11),
    failed > 0 ? `  ${failed} failed` : '',
    ratios.length > 0 ? `  ${ratios.join(', ')}` : '',
  ].join('');
});
process.stdout.write(
  `${running.length} servers, ${rounds} rounds of ${durationMs} ms, 64 connections\n${lines.join('\n')}\n`,
);
