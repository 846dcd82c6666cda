import type { Action, ActionRequest, Plan } from '../../protocol/action.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import type { AutopilotMode } from '../../protocol/autopilot.ts';
import type { Explanation } from '../../protocol/explanation.ts';
import type { SlowCalls } from '../../protocol/slow-calls.ts';

export const tabs = [
  'overview',
  'workers',
  'latency',
  'dependencies',
  'logs',
  'config',
  'advice',
] as const;
export type Tab = (typeof tabs)[number];

/** What the screen is about. */
export type View =
  | { readonly type: 'main' }
  | {
      readonly type: 'service';
      readonly name: string;
      readonly tab: Tab;
      /** Which of its workers is pointed at. */
      readonly worker: number;
    }
  /** Of these services; of none means of all. */
  | { readonly type: 'logs'; readonly services: readonly string[] }
  | { readonly type: 'actions'; readonly selected: number };

/** What a plan is asked for. */
export type Target =
  | { readonly recommendation: Recommendation }
  | { readonly request: ActionRequest };

export type Planned = { readonly plan: Plan; readonly recommendation?: Recommendation };

/** It can be read; of some nothing can be carried out. */
export type Readable = Omit<Planned, 'plan'> & {
  readonly plan: Omit<Plan, 'request'> & Partial<Pick<Plan, 'request'>>;
};

export type Choice = {
  readonly label: string;
  readonly hint?: string;
  /** A key that takes it at once. */
  readonly key: string;
};

export type MenuKind = 'sort' | 'dismiss' | 'level' | 'context' | 'place' | 'mode';

/** What lies over the screen and takes the keys. */
export type Dialog =
  | { readonly type: 'none' }
  | { readonly type: 'help'; readonly from: number }
  /** How the advisor comes to what it says. */
  | { readonly type: 'why'; readonly explanation: Explanation; readonly from: number }
  /** Which calls took longest. */
  | { readonly type: 'slow'; readonly slow: SlowCalls; readonly from: number }
  | {
      readonly type: 'plan';
      /** More than one when several services are marked. */
      readonly items: readonly Planned[];
      /** Which button is chosen; Cancel until the operator says otherwise. */
      readonly apply: boolean;
      readonly isDry?: false;
    }
  /** What taking an action back does. */
  | {
      readonly type: 'plan';
      readonly items: readonly Readable[];
      readonly apply: boolean;
      readonly isDry?: false;
      readonly undoes: Action;
    }
  /** It is only read: from here nothing is applied. */
  | {
      readonly type: 'plan';
      readonly items: readonly Readable[];
      readonly apply: false;
      readonly isDry: true;
    }
  | {
      readonly type: 'menu';
      readonly kind: MenuKind;
      readonly title: string;
      readonly choices: readonly Choice[];
      readonly selected: number;
    };

/** What is asked about first; for some of it a word is to be typed. */
export type Deed =
  | { readonly type: 'apply'; readonly items: readonly Planned[] }
  | { readonly type: 'undo'; readonly action: string }
  | { readonly type: 'autopilot'; readonly mode: AutopilotMode };

type Typing = {
  readonly text: string;
  /** How far back in what was typed before; 0 is the line itself. */
  readonly back: number;
};

/** A line that is being typed. */
export type Prompt =
  | (Typing & {
      readonly purpose: 'filter' | 'search' | 'grep' | 'time' | 'command' | 'machine';
    })
  /** This very word, or the deed is not done. */
  | (Typing & {
      readonly purpose: 'confirm';
      readonly word: string;
      readonly question: string;
      readonly deed: Deed;
    });
