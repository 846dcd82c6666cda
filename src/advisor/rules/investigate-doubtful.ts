import type { Situation } from '../situation.ts';
import type { Draft } from './draft.ts';
import { investigate } from './investigate.ts';

/**
 * What is true of its service, and hardly helped where the evidence was as weak, is looked into
 * first. Does not say what else there is to do; whoever knows better can do it all the same.
 */
export const investigateDoubtful = (
  { service, strength, reason, details, command, prediction }: Draft,
  { failedScaleUps }: Situation,
  confidence: number,
): Draft => ({
  ...investigate(service, {
    about: 'doubtful',
    reason: `${reason}; with such evidence \`${command}\` helps in ${Math.round(confidence * 100)} % of the cases`,
    strength: 1 - strength,
    details: { ...details, failedScaleUps },
    steps: [
      `Look first at what more of the extra time goes into: \`forge explain ${service}\``,
      `If you know better: \`${command}\``,
    ],
  }),
  prediction,
});
