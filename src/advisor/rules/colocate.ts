import type { Idler, Situation } from '../situation.ts';
import { noPrediction, type Rule, round } from './draft.ts';

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
  const [first, second] = situation.idlers.filter((one) => isLight(one, situation));
  if (first === undefined || second === undefined || first.service !== service.service) {
    return undefined;
  }
  const together = first.use.busy + second.use.busy;
  if (together >= lightTogether) return undefined;
  const [name, partner] = [first.service, second.service];
  const rate = round(Math.max(first.use.arrivalsPerSecond, second.use.arrivalsPerSecond), 1);
  return {
    service: name,
    action: 'colocate',
    strength: 1 - together / 100,
    reason: `${name} and ${partner}, each in a process of its own, were together at most ${round(together)} % busy for ${round(first.forMs / 1_000)} s, with at most ${rate} requests a second (barely used below ${barelyUsedPerSecond})`,
    details: { with: [partner], busyPercent: round(together, 1), requestsPerSecond: rate },
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
