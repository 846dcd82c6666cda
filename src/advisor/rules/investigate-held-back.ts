import type { Situation } from '../situation.ts';
import { countOf, type Draft, pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import {
  heldBackShare,
  isHeldBack,
  isShortOfWorkers,
  isThrottled,
  throttledShare,
} from './shortage.ts';

const raise =
  'Raise it: `docker update --cpus`, `CPUQuota=` of systemd, or `resources.limits.cpu` of Kubernetes';

/**
 * A process that waits for a core while cores are idle may not have them: a quota of its cgroup, or
 * of one around it, is used up. More workers would share the same. Does not know which limit it is
 * unless the quota can be read: one outside of the container cannot be, from within.
 */
export const investigateHeldBack: Rule = (situation) => {
  const { slow, starvation } = situation;
  const waitsMuch = slow && starvation >= heldBackShare;
  if (!isHeldBack(situation) || !(waitsMuch || isShortOfWorkers(situation))) return undefined;
  return isThrottled(situation) ? byItsQuota(situation) : bySomeLimit(situation);
};

const bySomeLimit = (situation: Situation): Draft => {
  const { service, machine, starvation } = situation;
  const waits = round(starvation * 100);
  return investigate(service.service, {
    about: 'held back',
    reason: `${pressureOf(situation)} and its process waits for a core ${waits} % of the time, though ${round(machine.idleCores, 1)} of ${countOf(machine.cores, 'core')} are idle: a limit holds it back`,
    strength: Math.min(1, starvation / (2 * heldBackShare)),
    details: { waitsPercent: waits, idleCores: round(machine.idleCores, 2) },
    steps: [
      'Look whether a CPU quota is used up: `throttled` grows in cpu.stat of its cgroup, or of the one around it',
      raise,
      'If there is none, look for a cpuset that it shares, or for its nice value',
    ],
  });
};

/** The quota is known, and is what the machine has for this app. */
const byItsQuota = (situation: Situation): Draft => {
  const { service, machine, starvation } = situation;
  const [waits, periods] = [round(starvation * 100), round(machine.throttled * 100)];
  return investigate(service.service, {
    about: 'held back',
    reason: `${pressureOf(situation)} and its process waits for a core ${waits} % of the time: the CPU quota of ${countOf(machine.cores, 'core')} is used up in ${periods} % of its periods`,
    strength: Math.min(1, machine.throttled / (2 * throttledShare)),
    details: { waitsPercent: waits, quotaCores: machine.cores, throttledPercent: periods },
    steps: [
      raise,
      'Or make its requests cheaper: however much of the quota is left on average, a burst has used it up early in a period',
    ],
  });
};
