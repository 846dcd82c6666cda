import type { Idler, Situation } from '../situation.ts';
import { noPrediction, type Refusal, type Rule, round } from './draft.ts';

/** All that share one loop may use so much of it together, in %. */
export const lightTogether = 30;
/** A slice longer than this would be felt by a neighbour. */
export const shortSliceMs = 20;
/** A service that is asked more often than this is in use, however little each request costs. */
export const barelyUsedPerSecond = 2;

/**
 * Two services that are barely used, each alone in a process, may share one: a process costs tens
 * of megabytes. One pair at a time; does not say that they belong together, which a person knows.
 */
export const colocate: Rule = (situation) => {
  const { service } = situation;
  const light = situation.idlers.filter((one) => isLight(one, situation));
  const [first, second] = pairIn(light, situation) ?? [];
  if (first === undefined || second === undefined) return tooMuch(light, situation);
  if (first.service !== service.service) return undefined;
  const together = first.use.busy + second.use.busy;
  const [name, partner] = [first.service, second.service];
  const rate = round(Math.max(first.use.arrivalsPerSecond, second.use.arrivalsPerSecond), 1);
  return {
    service: name,
    action: 'colocate',
    strength: 1 - together / 100,
    reason: `${name} and ${partner}, each in a process of its own, were together at most ${round(together)} % busy for ${round(first.forMs / 1_000)} s, with at most ${rate} requests a second (barely used below ${barelyUsedPerSecond})`,
    details: {
      with: [partner],
      busyPercent: round(together, 1),
      requestsPerSecond: rate,
      memoryMb: round(memoryOf(first, second)),
    },
    prediction: noPrediction,
    command: `forge colocate ${name} ${partner}`,
    config: { [name]: { group: partner }, [partner]: { group: partner } },
    steps: [
      `Start a worker with ${name} and ${partner} and wait until ready`,
      'Route to it',
      'Drain and stop the two old ones',
    ],
  };
};

const isLight = ({ use }: Idler, { thresholds }: Situation): boolean =>
  use.busy < thresholds.underutilized.cpu &&
  use.arrivalsPerSecond < barelyUsedPerSecond &&
  use.maxSliceMs < shortSliceMs;

type Pair = readonly [Idler, Idler];

/** The first two that one process has room for. */
const pairIn = (light: readonly Idler[], situation: Situation): Pair | undefined => {
  for (const [index, first] of light.entries()) {
    for (const second of light.slice(index + 1)) {
      if (first.use.busy + second.use.busy >= lightTogether) continue;
      if (memoryOf(first, second) < lineFor([first, second], situation)) return [first, second];
    }
  }
  return undefined;
};

/** A part of it, which is Node itself, they then have only once: so much it is at most. */
const memoryOf = (first: Idler, second: Idler): number => first.memoryMb + second.memoryMb;

/** A process may take the larger limit of its services; near its line nobody is to be put. */
const lineFor = (pair: Pair, { thresholds }: Situation): number => {
  const limits = pair.flatMap(({ memoryLimitMb }) => memoryLimitMb ?? []);
  return Math.min(
    thresholds.memory.warning,
    limits.length === 0 ? thresholds.memory.warning : Math.max(...limits),
  );
};

const tooMuch = (light: readonly Idler[], situation: Situation): Refusal | undefined => {
  const [first, second] = light;
  if (first === undefined || second === undefined) return undefined;
  if (first.service !== situation.service.service) return undefined;
  if (first.use.busy + second.use.busy >= lightTogether) return undefined;
  const [memory, line] = [memoryOf(first, second), lineFor([first, second], situation)];
  const because = `${first.service} and ${second.service} would take ${round(memory)} MB together (at most ${round(line)} MB)`;
  return { action: 'colocate', because };
};
