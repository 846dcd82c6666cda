import { predict } from '../model/prediction.ts';
import { countOf, pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { affordable, idleCoresOf, neededWorkers } from './scale-up.ts';
import { isShortOfWorkers } from './shortage.ts';

/**
 * More workers would help, and the config allows no more of them: only a person can change that.
 * Says what they would bring, and does not decide whether they are worth it.
 */
export const investigateLimit: Rule = (situation) => {
  const { service, queue, machine } = situation;
  const { service: name, workers, maxWorkers } = service;
  if (service.colocatedWith.length > 0 || workers < maxWorkers) return undefined;
  if (!isShortOfWorkers(situation)) return undefined;
  if (machine.memoryFreeMb < service.memoryMbPerWorker) return undefined;
  const needed = neededWorkers(situation);
  const more = Math.min(needed, affordable(situation));
  if (more <= workers) return undefined;
  return {
    ...investigate(name, {
      about: 'limit',
      reason: `${pressureOf(situation)}, it already has the ${countOf(maxWorkers, 'worker')} it may have, and ${idleCoresOf(situation)}`,
      strength: Math.min(1, queue.load / workers),
      details: {
        maxWorkers,
        neededWorkers: needed,
        neededCores: round(queue.load, 2),
        idleCores: round(machine.idleCores, 2),
      },
      steps: [
        `Let it have ${more} workers: services.${name}.workers.max in the config, then forge reload`,
        `Or make its requests cheaper: each takes ${round(queue.demandMs, 1)} ms of a worker`,
        'If it is limited for the sake of what its workers share, such as a database, look there first',
      ],
    }),
    prediction: predict(queue, more),
    config: { [name]: { workers: { max: more } } },
  };
};
