import { hasWaited, roomForOne, roomToSpare } from '../signals/full.ts';
import type { Situation } from '../situation.ts';
import { countOf, pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { isFull, isShortOfWorkers } from './shortage.ts';

/** So much of the time a process waits for a core that is there. */
export const heldBackShare = 0.25;

/**
 * A process that waits for a core while cores are idle may not have them: a quota of its cgroup, or
 * of one around it, is used up. More workers would share the same. Does not know which limit it is:
 * one outside of the container cannot be read from within.
 */
export const investigateHeldBack: Rule = (situation) => {
  const { service, machine, starvation } = situation;
  if (!isHeldBack(situation) || !(situation.slow || isShortOfWorkers(situation))) return undefined;
  const waits = round(starvation * 100);
  return investigate(service.service, {
    about: 'held back',
    reason: `${pressureOf(situation)} and its process waits for a core ${waits} % of the time, though ${round(machine.idleCores, 1)} of ${countOf(machine.cores, 'core')} are idle: a limit holds it back`,
    strength: Math.min(1, starvation / (2 * heldBackShare)),
    details: { waitsPercent: waits, idleCores: round(machine.idleCores, 2) },
    steps: [
      'Look whether a CPU quota is used up: `throttled` grows in cpu.stat of its cgroup, or of the one around it',
      'Raise it: `docker update --cpus`, `CPUQuota=` of systemd, or `resources.limits.cpu` of Kubernetes',
      'If there is none, look for a cpuset that it shares, or for its nice value',
    ],
  });
};

/** There is a whole core, for as long as it takes to tell that from a moment in which all wanted to run. */
const isHeldBack = (situation: Situation): boolean => {
  const { machine, starvation, history } = situation;
  const room = Math.max(roomForOne, roomToSpare(machine));
  if (isFull(situation) || machine.idleCores < room) return false;
  return starvation >= heldBackShare && hasWaited(history.points);
};
