import { predict } from '../model/prediction.ts';
import { workersFor } from '../model/sizing.ts';
import { served, worthACore } from '../signals/full.ts';
import { type Situation, sharesOf } from '../situation.ts';
import { besides } from './besides.ts';
import { countOf, type Draft, pressureOf, type Refusal, type Rule, round } from './draft.ts';
import { isShortOfWorkers } from './shortage.ts';

/** A worker busier than this has no room for bursts. */
export const roomyShare = 0.8;

/**
 * More workers help only a service whose event loops are short of time. A slow service on idle
 * workers waits for something else, which is `investigateExternal`'s business; a full machine is
 * `migrate`'s, a shared loop is `splitOut`'s, and one that may have no more is `investigateLimit`'s.
 * The autopilot takes no more than its plan.
 */
export const scaleUp: Rule = (situation) => {
  const { service, plan } = situation;
  if (service.colocatedWith.length > 0 || !isShortOfWorkers(situation)) return undefined;
  if (plan !== undefined && plan.needed <= service.workers) {
    const carried = `${countOf(service.workers, 'worker')} carry the load`;
    return { action: 'scale_up', because: `${carried} of ${round(plan.load, 1)} cores` };
  }
  return moreWorkers(situation, {
    needed: neededWorkers(situation),
    ...asExplained(plan === undefined ? explainedShare(situation) : 1),
    reason: `${pressureOf(situation)} and ${idleCoresOf(situation)}${besides(situation, ['loopWait', 'cpu'])}`,
  });
};

/** As many as the load needs, or as the autopilot plans. */
export const neededWorkers = ({ service, queue, thresholds, plan }: Situation): number => {
  const goal = { busy: roomyShare, p99Ms: thresholds.latencyP99.warning };
  return plan?.needed ?? Math.max(service.workers + 1, workersFor(queue, goal));
};

export const idleCoresOf = ({ machine }: Situation): string =>
  machine.idleCores < worthACore
    ? 'its processes get the cores that they ask for'
    : idleIn(round(machine.idleCores, 1));

const idleIn = (cores: number): string =>
  `${countOf(cores, 'core')} ${cores === 1 ? 'is' : 'are'} idle`;

/**
 * The part of the extra time that more workers can relieve: the rest is waited for elsewhere. A full
 * service that is not slow has none; and where there is hardly a free core an answer from outside
 * waits for the process to run.
 */
export const explainedShare = (situation: Situation): number => {
  if (!situation.slow) return 1;
  const { cpu, loopWait, external } = sharesOf(situation);
  return cpu + loopWait + (situation.starvation >= served ? external : 0);
};

const asExplained = (strength: number): Pick<More, 'strength' | 'details'> => ({
  strength,
  details: { explainedPercent: round(strength * 100) },
});

type More = Pick<Draft, 'reason' | 'strength'> & {
  readonly needed: number;
  readonly about?: string;
  /** Besides those of every addition, or instead. */
  readonly details?: Draft['details'];
};

/** As many as are needed, and as there is room for. */
export const moreWorkers = (
  situation: Situation,
  { needed, details = {}, ...said }: More,
): Draft | Refusal => {
  const { service, queue, machine } = situation;
  const refusal = noRoom(situation);
  if (refusal !== undefined) return refusal;
  const name = service.service;
  const sizedTo = (workers: number): Draft => ({
    ...said,
    service: name,
    action: 'scale_up',
    details: {
      currentWorkers: service.workers,
      suggestedWorkers: workers,
      neededCores: round(queue.load, 2),
      idleCores: round(machine.idleCores, 2),
      ...details,
    },
    prediction: predict(queue, workers),
    command: `forge scale ${name} ${workers}`,
    config: { [name]: { workers } },
    steps: [
      `Start ${countOf(workers - service.workers, 'worker')} more of ${name} and wait until ready`,
      'Route to them',
      'Measure whether P99 and CPU per worker come down',
    ],
    sizedTo,
  });
  return sizedTo(Math.min(needed, affordable(situation), service.maxWorkers));
};

/** With as many as there are idle cores that no other advice counts on. */
export const affordable = ({ service, machine }: Situation): number =>
  service.workers + Math.max(1, Math.floor(machine.freeCores));

const noRoom = ({ service, machine }: Situation): Refusal | undefined => {
  const no = (because: string): Refusal => ({ action: 'scale_up', because });
  if (service.workers >= service.maxWorkers) {
    return no(`it already has the ${countOf(service.maxWorkers, 'worker')} it may have`);
  }
  if (machine.takenBy !== undefined && machine.freeCores < worthACore) {
    return no(`the idle cores are for ${machine.takenBy}`);
  }
  if (machine.memoryFreeMb < service.memoryMbPerWorker) {
    return no(
      `a worker needs ${round(service.memoryMbPerWorker)} MB, and ${round(machine.memoryFreeMb)} MB are free`,
    );
  }
  return undefined;
};
