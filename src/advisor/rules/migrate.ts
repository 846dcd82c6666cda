import { noPrediction, pressureOf, type Rule, round } from './draft.ts';

const saturatedCpu = 85;
const starved = 0.2;
const noCore = 0.25;

/** Only when this machine has nothing left to give; where to is a person's decision. */
export const migrate: Rule = (situation) => {
  const { service, machine, hot } = situation;
  const isFull = machine.cpu > saturatedCpu || machine.idleCores < noCore;
  if (!hot || !isFull) return undefined;
  if (
    service.starvation < starved &&
    service.workers < service.maxWorkers &&
    machine.idleCores > noCore
  ) {
    return undefined;
  }
  const short = Math.max(0.1, machine.neededCores - machine.cores * 0.85);
  const name = service.service;
  return {
    service: name,
    action: 'migrate',
    strength: Math.min(1, machine.cpu / 100),
    reason: `${pressureOf(situation)} and the machine is at ${round(machine.cpu)} % of its ${machine.cores} cores`,
    details: {
      machineCpuPercent: round(machine.cpu),
      starvation: round(service.starvation, 2),
      shortfallCores: round(short, 1),
    },
    prediction: noPrediction,
    command: `forge migrate ${name} --to NODE`,
    config: { [name]: { type: 'remote', address: 'http://NODE:3000' } },
    steps: [
      `This machine is short of about ${round(short, 1)} cores, and no second one is joined`,
      `On the other machine: forge start --headless --only ${name}`,
      `Here: replace ${name} by { type: 'remote', address: 'http://NODE:3000' } and restart`,
    ],
  };
};
