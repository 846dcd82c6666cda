import { countOf, noPrediction, pressureOf, type Rule, round } from './draft.ts';
import { isShortOfMachine } from './shortage.ts';

/**
 * Only when this machine has nothing left to give; one service at a time, as each that leaves
 * changes the others' case. Where to is a person's decision.
 */
export const migrate: Rule = (situation) => {
  const { service, machine } = situation;
  if (!isShortOfMachine(situation)) return undefined;
  const name = service.service;
  if (machine.fullFor !== undefined && machine.fullFor !== name) {
    return { action: 'migrate', because: `${machine.fullFor} is to leave this machine first` };
  }
  const short = Math.max(0.1, round(machine.shortfallCores, 1));
  return {
    service: name,
    action: 'migrate',
    strength: Math.min(1, machine.cpu / 100),
    reason: `${pressureOf(situation)} and the machine is at ${round(machine.cpu)} % of its ${countOf(machine.cores, 'core')}`,
    details: {
      machineCpuPercent: round(machine.cpu),
      starvation: round(situation.starvation, 2),
      shortfallCores: short,
    },
    prediction: noPrediction,
    command: `forge migrate ${name} --to NODE`,
    config: { [name]: { type: 'remote', address: 'http://NODE:3000' } },
    steps: [
      `This machine is short of about ${short} cores, and no second one is joined`,
      `On the other machine: forge start --headless --only ${name}`,
      `Here: replace ${name} by { type: 'remote', address: 'http://NODE:3000' } and restart`,
    ],
  };
};
