/**
 * Requests a second through the ingress, beside bare Node and beside others: each pair alone, in
 * turn. Both share the cores of this machine with the generator: read the ratios.
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

const asked = async (url: string): Promise<Seen> => measure(url, durationMs);

const figuresOf = (seen: readonly Seen[]): string => {
  const of = (pick: (one: Seen) => number): number => median(seen.map(pick));
  const failed = of((one) => one.failed);
  return [
    `${of(({ perSecond }) => perSecond).toFixed(0)}/s`.padStart(9),
    `P99 ${of(({ p99Ms }) => p99Ms).toFixed(0)} ms`.padStart(11),
    failed > 0 ? `  ${failed} failed` : '',
  ].join('');
};

/**
 * Only these two are there meanwhile: what the processes of others do while they rest takes from
 * those that are measured, and not the same from each.
 */
const runPair = async (target: Target, other: Target): Promise<void> => {
  await using started = new AsyncDisposableStack();
  const begun: string[] = [];
  for (const { start } of [target, other]) {
    const { url, stop } = await start();
    started.defer(stop);
    begun.push(url);
    await measure(url, warmUpMs);
  }
  const [own = '', beside = ''] = begun;
  const pairs: (readonly [Seen, Seen])[] = [];
  for (let round = 0; round < rounds; round += 1)
    pairs.push([await asked(own), await asked(beside)]);
  const ratio = median(pairs.map(([one, two]) => one.perSecond / two.perSecond));
  const [ours, theirs] = [pairs.map(([one]) => one), pairs.map(([, two]) => two)];
  process.stdout.write(
    `${target.name.padEnd(18)}${figuresOf(ours)}   ${other.name.padEnd(27)}${figuresOf(theirs)}   ${ratio.toFixed(2)} ×\n`,
  );
};

process.stdout.write(`${rounds} rounds of ${durationMs} ms, 64 connections\n`);
for (const target of targets) {
  if (only.length > 0 && !only.includes(target.name)) continue;
  for (const name of target.beside) {
    const other = targets.find((each) => each.name === name);
    if (other !== undefined) await runPair(target, other);
  }
}
