import type { ServiceView } from '../view.ts';
import { noPrediction, type Rule, round } from './draft.ts';
import { idleUse } from './scale-down.ts';

/** All that share one loop may use so much of it together. */
const lightTogether = 30;
/** A slice longer than this would be felt by a neighbour. */
const shortSliceMs = 20;

/** Above this use of the machine, in %, it has other worries than the memory of a process. */
const calmCpu = 60;

/** Two light services that are alone may share a worker; a process costs tens of megabytes. */
export const colocate: Rule = (situation) => {
  const { service, machine, all, memories, thresholds, idleForMs } = situation;
  if (machine.cpu > calmCpu) return undefined;
  const isLight = (name: string): boolean => {
    const points = memories[name]?.points ?? [];
    return points.every(
      (point) => point.maxSliceMs < shortSliceMs || point.at < situation.at - idleForMs,
    );
  };
  const use = idleUse(situation);
  const isAlone = ({ colocatedWith, workers, isCommand }: ServiceView): boolean =>
    colocatedWith.length === 0 && workers === 1 && isCommand === undefined;
  if (!isAlone(service) || use === undefined) return undefined;
  if (use >= thresholds.underutilized.cpu || !isLight(service.service)) return undefined;
  const partner = all.find((other) => {
    if (other.service <= service.service || !isAlone(other)) return false;
    const theirs = idleUse({ ...situation, history: memories[other.service] ?? situation.history });
    return theirs !== undefined && use + theirs < lightTogether && isLight(other.service);
  });
  if (partner === undefined) return undefined;
  const name = service.service;
  return {
    service: name,
    action: 'colocate',
    strength: 1 - use / 100,
    reason: `${name} and ${partner.service} were together below ${lightTogether} % busy for ${round(idleForMs / 1_000)} s, each in a process of its own`,
    details: {
      with: [partner.service],
      busyPercent: round(use),
      savedMb: round(service.memoryMbPerWorker),
    },
    prediction: noPrediction,
    command: `forge colocate ${name} ${partner.service}`,
    config: { [name]: { group: partner.service }, [partner.service]: { group: partner.service } },
    steps: [
      `Start a worker with ${name} and ${partner.service} and wait until ready`,
      'Route to it',
      'Drain and stop the two old ones',
    ],
  };
};
