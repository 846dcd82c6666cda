/**
 * Ten million spoiled frames and lines for what reads them: what was refused, how long one took, and
 * what is left. Runs with the young generation of a worker that has a memory limit: without one V8
 * lets that alone grow by 100 MB, and keeps it.
 */
import { tryInputs } from '../test/helpers/hostile-inputs.ts';
import { seed } from '../test/helpers/seed.ts';

const count = Number(process.argv[2] ?? 10_000_000);
const portion = 500_000;
const mostMs = 50;
const mostMb = 50;

/** Without what is only still to be thrown away. */
const megabytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
};
const prototype = Reflect.ownKeys(Object.prototype).map(String).join();

// What the decoders need once is no growth.
tryInputs(portion, seed - 1);
const before = megabytes();
let taken = 0;
let refused = 0;
let slowestMs = 0;
let most = before;
const failures: string[] = [];
for (let done = 0; done < count; done += portion) {
  const tried = tryInputs(Math.min(portion, count - done), seed + done);
  taken += tried.taken;
  refused += tried.refused;
  slowestMs = Math.max(slowestMs, tried.slowestMs);
  failures.push(...tried.failures);
  most = Math.max(most, megabytes());
}
const isSame = Reflect.ownKeys(Object.prototype).map(String).join() === prototype;
process.stdout.write(
  [
    `${count} inputs, seed ${seed} (FORGE_TEST_SEED=${seed} repeats them)`,
    `  taken      ${taken}`,
    `  refused    ${refused}`,
    `  failed     ${failures.length}${failures.length === 0 ? '' : `, such as ${failures[0]}`}`,
    `  slowest    ${slowestMs.toFixed(1)} ms, of at most ${mostMs}`,
    `  memory     + ${(most - before).toFixed(1)} MB, of at most ${mostMb}`,
    `  prototype  ${isSame ? 'untouched' : 'CHANGED'}`,
    '',
  ].join('\n'),
);
const isGood = failures.length === 0 && isSame && slowestMs <= mostMs && most - before <= mostMb;
process.exitCode = isGood ? 0 : 1;
