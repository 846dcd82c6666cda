import type { ActionRequest } from '../../protocol/action.ts';
import type { AdviceAction, Recommendation } from '../../protocol/advice.ts';
import { type AutopilotKind, mayExecute } from '../../protocol/autopilot.ts';
import type { Direction } from '../memory/memory.ts';
import type { AdvisorSettings } from '../settings.ts';

type Asking = Pick<Recommendation, 'action' | 'service' | 'details'>;

/** What accepting a recommendation does; undefined when only a person can carry it out. */
export const toActionRequest = ({
  action,
  service,
  details,
}: Asking): ActionRequest | undefined => {
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

/** Whether the autopilot carries it out by itself. */
export const isExecutable = (
  advice: Asking,
  { autoExecute }: Pick<AdvisorSettings, 'autoExecute'>,
): boolean => {
  const kind = toActionRequest(advice)?.kind;
  // What advice asks for is one of the kinds that the autopilot knows.
  return kind !== undefined && mayExecute(autoExecute, kind as AutopilotKind);
};

export const directionOf = (action: AdviceAction): Direction => {
  if (action === 'scale_up') return 'up';
  return action === 'scale_down' ? 'down' : 'other';
};
