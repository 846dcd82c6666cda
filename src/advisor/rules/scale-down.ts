import { usageOver } from '../history/usage.ts';
import type { ServiceMemory } from '../memory/memory.ts';
import { expectWith, predict } from '../model/prediction.ts';
import type { Situation } from '../situation.ts';
import { countOf, type Refusal, type Rule, round } from './draft.ts';
import { blockFromMs } from './investigate-blocked.ts';

/** P99 must stay below this share of its critical line. */
export const calmShare = 0.7;

/**
 * One worker less, when the busiest moment of a long idle period fits into the others with room
 * to spare. Decides nothing about a service with one worker, nor about peaks that it has not seen.
 * Of services that share their workers the first one speaks for all.
 */
export const scaleDown: Rule = (situation) => {
  const { service, thresholds, queue, history, plan, at, idleForMs } = situation;
  if (plan !== undefined && service.colocatedWith.length === 0) return undefined;
  if (!speaksForAll(situation) || service.workers <= fewestWorkers(situation)) return undefined;
  const use = usageOver(history, idleForMs, at);
  if (use === undefined || use.busy >= thresholds.underutilized.cpu) return undefined;
  const workers = service.workers - 1;
  const mean = (use.busy * service.workers) / workers;
  const peak = (100 * use.peakCores) / workers;
  if (mean > thresholds.cpu.scaleDown || peak > thresholds.cpu.warning) {
    const busy = `${round(Math.max(mean, peak))} % busy at times`;
    return { action: 'scale_down', because: `${countOf(workers, 'worker')} would be ${busy}` };
  }
  const blocked = wasBlocked(situation, inTimeMs(situation));
  if (blocked !== undefined) return blocked;
  const queues = [queue, ...historiesOf(situation).flatMap((one) => one.queue ?? [])];
  const p99 = Math.max(...queues.map((one) => expectWith(one, workers).p99 ?? 0));
  if (p99 > calmShare * thresholds.latencyP99.critical) {
    return { action: 'scale_down', because: `P99 would be ${round(p99)} ms` };
  }
  const name = service.service;
  const shared = service.colocatedWith.length === 0 ? '' : `, shared with ${namesOf(service)},`;
  return {
    service: name,
    action: 'scale_down',
    strength: 1 - use.busy / 100,
    reason: `Its workers${shared} were at most ${round(use.busy)} % busy for ${round(idleForMs / 1_000)} s (underused below ${thresholds.underutilized.cpu} %)`,
    details: {
      currentWorkers: service.workers,
      suggestedWorkers: workers,
      busyPercent: round(use.busy),
      peakPercent: round(peak),
    },
    prediction: predict(queue, workers),
    command: `forge scale ${name} ${workers}`,
    config: { [name]: { workers } },
    steps: ['Route around one worker', 'Drain it and stop it'],
  };
};

const fewestWorkers = ({ members }: Situation): number =>
  Math.max(...members.map(({ minWorkers }) => minWorkers));

/** And all are at ease: under pressure, another rule has the case of its workers. */
const speaksForAll = ({ service, isAtEase }: Situation): boolean =>
  service.colocatedWith.every((name) => service.service < name && isAtEase(name));

/** Of all that share its workers, as far as they were seen. */
const historiesOf = ({
  service: own,
  members,
  history,
  known,
}: Situation): readonly ServiceMemory[] =>
  members.flatMap(({ service }) => (service === own.service ? history : (known[service] ?? [])));

const namesOf = ({ colocatedWith }: Situation['service']): string =>
  new Intl.ListFormat('en').format(colocatedWith);

/** Who waits for so long is in time all the same. */
const inTimeMs = ({ thresholds, queue }: Situation): number =>
  calmShare * thresholds.latencyP99.critical - queue.p99;

/**
 * What holds a loop for long is felt the more, the fewer others there are to go to. A slice that is
 * no longer than `allowedMs` is known to whoever asks.
 */
export const wasBlocked = (situation: Situation, allowedMs: number): Refusal | undefined => {
  const { members, at, idleForMs } = situation;
  const longest = Math.max(
    ...historiesOf(situation).map((one) => usageOver(one, idleForMs, at)?.maxSliceMs ?? 0),
  );
  const fromMs = members.map(({ slices }) => blockFromMs(slices));
  if (longest <= Math.max(allowedMs, ...fromMs)) return undefined;
  return {
    action: 'scale_down',
    because: `its event loop was blocked for ${round(longest)} ms, which the other workers hid`,
  };
};
