import { countOf, pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { heldBackShare, isHeldBack, isShortOfWorkers } from './shortage.ts';

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
