import { type Draft, noPrediction } from './draft.ts';

/** A draft that only a person can carry out: what was found, and where to look. */
export const investigate = (
  service: string,
  finding: Pick<Draft, 'reason' | 'strength' | 'details' | 'steps' | 'overMs'> & {
    readonly about: string;
  },
): Draft => ({
  service,
  action: 'investigate',
  prediction: noPrediction,
  command: `forge explain ${service}`,
  config: {},
  ...finding,
});
