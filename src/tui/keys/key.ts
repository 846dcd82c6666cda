import type { ControlMethods } from '../../protocol/control/messages.ts';
import type { Millis } from '../../protocol/units.ts';
import type { Place, State } from '../state/state.ts';
import type { Deed, Target } from '../state/view.ts';

/** What a key asks of the supervisor. */
export type Errand =
  | { readonly type: 'plan'; readonly targets: readonly Target[]; readonly isDry?: true }
  /** How the advisor comes to what it says of a service, or by a recommendation. */
  | { readonly type: 'explain'; readonly of: string }
  /** Which calls of a service took longest. */
  | { readonly type: 'slowest'; readonly service: string }
  | Deed
  | { readonly type: 'dismiss'; readonly given: ControlMethods['dismiss']['params'] }
  /** What was recorded of the last hour. */
  | { readonly type: 'rewind' };

/** What a key asks of the supervisor, of the terminal or of the console itself. */
export type Effect =
  | Errand
  | { readonly type: 'attach'; readonly place: Place }
  /** Lets a console that only watches act for a while, or no more. */
  | { readonly type: 'arm'; readonly isOn: boolean }
  /** A frame so often from now on. */
  | { readonly type: 'pace'; readonly everyMs: Millis }
  /** Writes the minutes up to a moment to a file. */
  | { readonly type: 'export'; readonly to: number }
  | TerminalEffect
  | { readonly type: 'quit' };

/** What only the terminal can do. */
export type TerminalEffect =
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'suspend' }
  /** The wallboard has the terminal until somebody comes back. */
  | { readonly type: 'board' }
  /** The config file in the operator's editor. */
  | { readonly type: 'edit' }
  /** What is on the screen, as text in a file. */
  | { readonly type: 'keep' }
  | { readonly type: 'redraw' }
  | { readonly type: 'theme' };

export type Step = { readonly state: State; readonly effect?: Effect };

export type Key = {
  readonly keys: readonly string[];
  /** What the footer calls it; keys without a label are in the help only. */
  readonly label?: string;
  /** What the bar of a replay calls it. */
  readonly bar?: string;
  readonly help: string;
  /** True, or the reason why it does nothing now. */
  readonly enabled?: (state: State) => true | string;
  readonly press: (state: State) => Step;
};

export const stay = (state: State): Step => ({ state });

export const watches = 'this console only watches (--read-only)';

export const past = 'the screen shows the past, where nothing can be done';

export const canAct = ({ readOnly, replay }: State): true | string => {
  if (replay !== undefined) return past;
  return readOnly ? watches : true;
};

export const canShowBoard = ({ replay }: State): true | string =>
  replay === undefined ? true : 'the wallboard shows what is now, L goes there';

export const closed = (state: State): State => ({ ...state, dialog: { type: 'none' } });
