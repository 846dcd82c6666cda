import type { Recommendation } from '../../protocol/advice.ts';
import type { State } from '../state/state.ts';

/** What a key asks of the supervisor or of the console itself. */
export type Effect =
  | { readonly type: 'plan'; readonly recommendation: Recommendation }
  | { readonly type: 'accept'; readonly recommendation: string }
  | { readonly type: 'dismiss'; readonly recommendation: string }
  | { readonly type: 'undo' }
  | { readonly type: 'quit' };

export type Step = { readonly state: State; readonly effect?: Effect };

export type Key = {
  readonly keys: readonly string[];
  /** What the footer calls it; keys without a label are in the help only. */
  readonly label?: string;
  readonly help: string;
  /** True, or the reason why it does nothing now. */
  readonly enabled?: (state: State) => true | string;
  readonly press: (state: State) => Step;
};

export const stay = (state: State): Step => ({ state });
