import { otherPrograms } from '../machine.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { isShortOfMachine } from './shortage.ts';

/**
 * A machine that other programs have filled is not relieved by moving a service of this app. Does
 * not say which programs: the advisor sees no process but its own.
 */
export const investigateOthers: Rule = (situation) => {
  const { service, machine } = situation;
  if (!isShortOfMachine(situation) || !machine.areOthersMost) return undefined;
  const others = round(machine.othersCpu);
  if (machine.fullFor !== undefined && machine.fullFor !== service.service) {
    return { action: 'scale_up', because: `other programs use ${others} % of the machine` };
  }
  return investigate(service.service, {
    about: otherPrograms,
    reason: `${pressureOf(situation)} and the machine is at ${round(machine.cpu)} %, of which other programs use ${others} %`,
    strength: machine.othersCpu / 100,
    details: { machineCpuPercent: round(machine.cpu), othersCpuPercent: others },
    steps: [
      'Find the program, for example with `top -o %CPU`',
      'Stop it, move it, or give it less of the machine: nice, or a limit of its cgroup',
    ],
  });
};
