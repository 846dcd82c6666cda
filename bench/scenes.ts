import { parseArgs } from 'node:util';
import { startCopy } from '../test/helpers/app-copy.ts';
import { startSlowDatabase } from '../test/helpers/slow-database.ts';
import { startArrivals } from './advice/arrivals.ts';
import { goAhead, loadNow } from './advice/machine.ts';
import { type Scene, scenes } from './advice/scenes.ts';
import { type Sighting, Watch } from './advice/watch.ts';

/**
 * Puts real services into each kind of trouble, accepts nothing, and prints what was advised first,
 * how long after its onset and after the first second that was over a critical line, and whether
 * that was right. Services hold their event loops by waiting, so that the answer does not depend on
 * how much of the machine others leave.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    times: { type: 'string', default: '1' },
    calm: { type: 'string', default: '25' },
    /** Of the scene that is calm; its seconds otherwise. */
    minutes: { type: 'string' },
  },
});

type Result = 'right' | 'WRONG' | 'void';

/** What was advised first, and right, of a critical signal. */
const told: Sighting[] = [];

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** When the app's processes cannot run, what is said of other programs is right. */
const othersFill = ({ recommendation }: Sighting): boolean =>
  recommendation.details['othersCpuPercent'] !== undefined;

const judged = ({ right }: Scene, { sightings }: Watch): Result => {
  const [first] = sightings;
  if (first === undefined) return right.length === 0 ? 'right' : 'WRONG';
  if (right.includes(first.what)) return othersFill(first) ? 'void' : 'right';
  return othersFill(first) ? 'void' : 'WRONG';
};

const secondsOf = ({ name, seconds }: Scene): number =>
  name === 'calm' && values.minutes !== undefined ? Number(values.minutes) * 60 : seconds;

const run = async (scene: Scene, signal: AbortSignal): Promise<Result> => {
  using database = await startSlowDatabase(25);
  const env = { SCENE: scene.layout, ...scene.env };
  await using app = await startCopy('test/fixtures/apps/scenes', env);
  await using watch = await Watch.on(app, signal);
  {
    await using _before = startArrivals(app.http, scene.before);
    await watch.for(scene.before.length === 0 ? 0 : Number(values.calm) * 1_000);
  }
  watch.begin();
  await using load = startArrivals(app.http, scene.trouble(database.port));
  const isOver = (seen: Watch): boolean => seen.sightings.length > 0 && scene.right.length > 0;
  await watch.until(isOver, secondsOf(scene) * 1_000);
  const result = judged(scene, watch);
  const [first] = watch.sightings;
  if (result === 'right' && first?.recommendation.severity === 'critical') told.push(first);
  report(scene, watch, { result, failed: load.failed() });
  return result;
};

const report = (
  scene: Scene,
  watch: Watch,
  { result, failed }: { readonly result: Result; readonly failed: number },
): void => {
  const [first] = watch.sightings;
  const inSeconds = (ms: number | undefined): string =>
    ms === undefined ? '' : `${(ms / 1_000).toFixed(1)} s`;
  const what = first?.what ?? `nothing in ${secondsOf(scene)} s`;
  const severity = first?.recommendation.severity ?? '';
  print(
    [
      result.padEnd(6),
      scene.name.padEnd(20),
      inSeconds(first?.afterMs).padStart(7),
      inSeconds(first?.afterCriticalMs).padStart(7),
      what.padEnd(20),
      severity.padEnd(9),
      loadNow(),
      failed > 0 ? `${failed} requests failed` : '',
    ].join(' '),
  );
  if (result !== 'right' && first !== undefined) print(`       ${first.recommendation.reason}`);
};

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort());
}
const chosen = scenes.filter(
  ({ name }) => values.only === undefined || values.only.split(',').includes(name),
);
if (!goAhead()) print('Without the right to go before other programs: the machine must be quiet');
const results: Result[] = [];
for (let time = 0; time < Number(values.times); time += 1) {
  for (const scene of chosen) results.push(await run(scene, interrupted.signal));
}
const spread = (name: string, pick: (sighting: Sighting) => number | undefined): void => {
  const all = told
    .map(pick)
    .filter((each) => each !== undefined)
    .toSorted((a, b) => a - b);
  const at = (share: number): string =>
    ((all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0) / 1_000).toFixed(1);
  print(`${name}: median ${at(0.5)} s, longest ${at(1)} s, of ${all.length}`);
};
spread('A critical signal is told after the trouble began', ({ afterMs }) => afterMs);
spread('and after its first second over the line', ({ afterCriticalMs }) => afterCriticalMs);
const count = (result: Result): number => results.filter((one) => one === result).length;
print(`${count('right')} of ${results.length - count('void')} right, ${count('void')} void`);
process.exitCode = count('WRONG') === 0 ? 0 : 1;
