import { Capacity } from '../../src/simulator/capacity.ts';
import { makePolicy } from '../../src/simulator/policies/make.ts';
import { Random } from '../../src/simulator/random.ts';
import { defaultSetup, type Setup } from '../../src/simulator/setup.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import type { Trace } from '../../src/simulator/trace.ts';
import { heading, quantile, target } from './print.ts';

const steps = 12;
const lastsSeconds = 180;

type Reaction = {
  readonly firstSeconds: number;
  readonly enoughSeconds: number;
  readonly overshoot: number;
  readonly downs: number;
};

/** Ten times the load, at different sizes and seeds. */
const react = (seed: number): Reaction => {
  const random = new Random(seed);
  const setup: Setup = { ...defaultSetup, seed, peakWorkers: 6 + random.index(8) };
  const peak = (0.7 * setup.peakWorkers * 1_000) / setup.cpuMs;
  const at = 120;
  const trace: Trace = {
    name: 'step',
    stepSeconds: 1,
    requestsPerSecond: Array.from({ length: at + lastsSeconds }, (_, second) =>
      second < at ? peak / 10 : peak,
    ),
  };
  const capacity = new Capacity(setup);
  const policy = makePolicy('advisor', { trace, setup, capacity });
  const workers = capacity.workersFor(peak / 10);
  const needed = capacity.workersFor(peak);
  const { changes } = simulate({ trace, setup, policy, workers });
  const after = changes.filter(({ second }) => second >= at);
  const secondsUntil = (enough: number): number =>
    (after.find(({ to }) => to >= enough)?.second ?? Number.POSITIVE_INFINITY) + 1 - at;
  return {
    firstSeconds: secondsUntil(workers + 1),
    enoughSeconds: secondsUntil(needed),
    overshoot: Math.max(...after.map(({ to }) => to)) / needed,
    downs: after.filter(({ from, to, second }) => to < from && second < at + 30).length,
  };
};

export const printSteps = (seed: number): void => {
  heading(`Ten times the load at once (T4, T14): ${steps} steps, a worker starts in 2 s`);
  const reactions = Array.from({ length: steps }, (_, index) => react(seed * 100 + index));
  const worst = (pick: (reaction: Reaction) => number): number => quantile(reactions.map(pick), 1);
  const first = worst(({ firstSeconds }) => firstSeconds);
  target(`first action after ${first} s at the latest`, '≤ 2 s', first <= 2);
  const enough = worst(({ enoughSeconds }) => enoughSeconds);
  target(`enough ordered after ${enough} s at the latest`, '≤ 4 s + 2 s start', enough <= 6);
  const over = worst(({ overshoot }) => overshoot);
  target(`at most ${over.toFixed(2)} × what is needed`, '≤ 1.5', over <= 1.5);
  const downs = worst((reaction) => reaction.downs);
  target(`workers taken back in the half minute after it: ${downs}`, 'none', downs === 0);
};
