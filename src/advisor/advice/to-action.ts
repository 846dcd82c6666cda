import type { ActionRequest } from '../../protocol/action.ts';
import type { AdviceAction, Recommendation } from '../../protocol/advice.ts';
import type { Direction } from '../memory/memory.ts';

/** What accepting a recommendation does; undefined when only a person can carry it out. */
export const toActionRequest = ({
  action,
  service,
  details,
}: Recommendation): ActionRequest | undefined => {
  switch (action) {
    case 'scale_up':
    case 'scale_down':
      return { kind: 'scale', service, workers: Number(details['suggestedWorkers']) };
    case 'split_out':
      return { kind: 'split', service };
    case 'colocate': {
      const others = details['with'];
      return { kind: 'colocate', service, with: Array.isArray(others) ? others : [String(others)] };
    }
    case 'migrate':
    case 'investigate':
      return undefined;
  }
};

export const directionOf = (action: AdviceAction): Direction => {
  if (action === 'scale_up') return 'up';
  return action === 'scale_down' ? 'down' : 'other';
};
