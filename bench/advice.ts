import { cpus } from 'node:os';
import { type DemoApp, startDemo } from '../test/helpers/demo.ts';
import { startLoad } from '../test/helpers/load.ts';
import { type Sighting, Watch } from './advice/watch.ts';

/**
 * Puts the demo under each kind of load that one machine can have, accepts nothing, and prints what
 * was advised first, how long after the load began to start, and whether that was right.
 */
type Trial = {
  readonly phase: string;
  readonly seconds: number;
  /** One of these must come first; none when nothing may come. */
  readonly right: readonly string[];
  /** Not to be advised, and why not must be said. */
  readonly explained?: string;
  /** Done when the load begins. */
  readonly begin?: (app: DemoApp) => Promise<unknown>;
};

const trials: readonly Trial[] = [
  { phase: 'calm', seconds: 180, right: [] },
  { phase: 'rush', seconds: 30, right: ['scale_up orders'] },
  { phase: 'noisy', seconds: 30, right: ['split_out thumbnails'] },
  {
    phase: 'slow',
    seconds: 30,
    right: ['investigate billing'],
    explained: 'scale_up orders: latency is that of its dependency billing',
  },
  {
    phase: 'night',
    seconds: 75,
    right: ['scale_down orders', 'colocate billing'],
    begin: ({ forge }) => forge('scale', 'orders', '2'),
  },
  { phase: 'full', seconds: 30, right: ['migrate orders'] },
];

/** Long enough for the services to learn what is usual, and for a cooldown to end. */
const calmSeconds = 35;
/** When other programs use more of the machine than this, wrong advice proves nothing. */
const quietPercent = 25;
const quietWithinMs = 300_000;
const attempts = 4;

type Result = 'right' | 'WRONG' | 'void';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const settle = async (app: DemoApp, watch: Watch): Promise<void> => {
  await using _load = startLoad(app, 'calm:3600');
  await watch.for(calmSeconds * 1_000);
  await watch.until((seen) => seen.quietSeconds(quietPercent) >= 8, quietWithinMs);
};

const run = async (trial: Trial, app: DemoApp, watch: Watch): Promise<Result> => {
  await settle(app, watch);
  watch.begin();
  await using _load = startLoad(app, `${trial.phase}:3600`);
  await trial.begin?.(app);
  await watch.for(trial.seconds * 1_000);
  const result = judged(trial, watch);
  report(trial, watch, result);
  return result;
};

const refusalOf = ({ explained }: Trial, { refusals }: Watch): string | undefined =>
  refusals.find((said) => explained !== undefined && said.startsWith(explained));

const judged = (trial: Trial, watch: Watch): Result => {
  const first = watch.sightings[0]?.what;
  const isRight = first === undefined ? trial.right.length === 0 : trial.right.includes(first);
  const isExplained = trial.explained === undefined || refusalOf(trial, watch) !== undefined;
  if (isRight && isExplained) return 'right';
  return watch.use().others > quietPercent ? 'void' : 'WRONG';
};

const report = (trial: Trial, watch: Watch, result: Result): void => {
  const { all, others } = watch.use();
  const use = `${all.toFixed(0).padStart(4)} %${others.toFixed(0).padStart(5)} %`;
  const [first = `nothing in ${trial.seconds} s`, ...later] = watch.sightings.map(describe);
  print(`${result.padEnd(6)}${trial.phase.padEnd(6)}${use}   ${first}`);
  for (const line of later) print(`${''.padEnd(27)}${line}`);
  const refusal = refusalOf(trial, watch);
  if (refusal !== undefined) print(`${''.padEnd(27)}not ${refusal}`);
};

const describe = ({ what, afterMs, recommendation }: Sighting): string => {
  const { severity, confidence, command, reason } = recommendation;
  const after = `${(afterMs / 1_000).toFixed(0).padStart(2)} s`;
  return `${after}  ${what.padEnd(20)} ${severity.padEnd(8)} ${confidence.toFixed(2)}  ${command}: ${reason}`;
};

/** A trial that other programs have spoilt is repeated. */
const tried = async (trial: Trial, app: DemoApp, watch: Watch): Promise<Result> => {
  let result: Result = 'void';
  for (let attempt = 0; attempt < attempts && result === 'void'; attempt += 1) {
    result = await run(trial, app, watch);
  }
  return result;
};

const runAll = async (signal: AbortSignal): Promise<number> => {
  await using app = await startDemo();
  await using watch = await Watch.on(app, signal);
  let right = 0;
  for (const trial of trials) if ((await tried(trial, app, watch)) === 'right') right += 1;
  print(`${right} of ${trials.length} right`);
  return right === trials.length ? 0 : 1;
};

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort());
}
print(`${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`);
print('            machine others   first advice, and what came later');
process.exitCode = await runAll(interrupted.signal).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  return 130;
});
