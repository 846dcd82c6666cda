import { isByHand, type Recommendation } from '../../protocol/advice.ts';
import { currentAdvice, type State, said } from '../state/state.ts';
import { type Effect, type Key, type Step, stay } from './key.ts';

const watches = 'this console only watches (--read-only)';

const hasAdvice = (state: State): true | string => {
  if (state.readOnly) return watches;
  return currentAdvice(state) === undefined ? 'there is no advice to act on' : true;
};

const canAccept = (state: State): true | string => {
  const advice = currentAdvice(state);
  const allowed = hasAdvice(state);
  return allowed === true && advice !== undefined && isByHand(advice)
    ? `${advice.action} is done by hand, its steps are on the screen`
    : allowed;
};

const canUndo = ({ readOnly, snapshot }: State): true | string => {
  if (readOnly) return watches;
  return snapshot?.actions.some(({ undo, status }) => undo !== undefined && status === 'done')
    ? true
    : 'no action can be undone';
};

const withAdvice = (state: State, effect: (advice: Recommendation) => Effect): Step => {
  const advice = currentAdvice(state);
  return advice === undefined ? stay(state) : { state, effect: effect(advice) };
};

const adviceCount = ({ snapshot }: State): number => snapshot?.advice.recommendations.length ?? 0;

const hasMoreAdvice = (state: State): true | string =>
  adviceCount(state) > 1 ? true : 'there is no other recommendation';

const turnAdvice = (state: State, by: number): Step => {
  const count = adviceCount(state);
  return stay({ ...state, advice: (state.advice + by + count) % count });
};

/** What acts on the advice and on what was done about it. */
export const adviceKeys: readonly Key[] = [
  {
    keys: ['a'],
    label: 'accept',
    help: 'read the plan of the recommendation, then apply it',
    enabled: canAccept,
    press: (state) => withAdvice(state, (recommendation) => ({ type: 'plan', recommendation })),
  },
  {
    keys: ['d'],
    label: 'dismiss',
    help: 'put the recommendation away for a while',
    enabled: hasAdvice,
    press: (state) => withAdvice(state, ({ id }) => ({ type: 'dismiss', recommendation: id })),
  },
  {
    keys: ['u'],
    label: 'undo',
    help: 'take back the last action',
    enabled: canUndo,
    press: (state) => ({ state: said(state, 'undoing…'), effect: { type: 'undo' } }),
  },
  {
    keys: ['n'],
    label: 'next',
    help: 'next recommendation',
    enabled: hasMoreAdvice,
    press: (state) => turnAdvice(state, 1),
  },
  {
    keys: ['N'],
    help: 'previous recommendation',
    enabled: hasMoreAdvice,
    press: (state) => turnAdvice(state, -1),
  },
];
