import { failuresAllowed } from '../advice/trust.ts';
import { pressureOf, type Rule } from './draft.ts';
import { investigate } from './investigate.ts';
import { isShortOfWorkers } from './shortage.ts';

/**
 * What more workers did not cure, still more will not either: they wait for something that
 * they share. Does not say for what.
 */
export const investigateFutile: Rule = (situation) => {
  const { service, failedScaleUps } = situation;
  if (failedScaleUps < failuresAllowed || !isShortOfWorkers(situation)) return undefined;
  return investigate(service.service, {
    about: 'futile',
    reason: `${pressureOf(situation)}, and more workers did not help the last ${failedScaleUps === 1 ? 'time' : `${failedScaleUps} times`}`,
    strength: 0.5,
    details: { failedScaleUps },
    steps: [
      'Look for what its workers share: a database lock, a connection limit, a file',
      'Take back the workers that did not help: forge undo',
    ],
  });
};
