import { isByHand, type Recommendation } from '../../protocol/advice.ts';
import {
  currentAdvice,
  type State,
  selectedService,
  selecting,
  visibleServices,
} from '../state/state.ts';
import { canAct, type Key, past, type Step, stay } from './key.ts';
import { openMenu } from './menu-keys.ts';
import { toUndo, undoable } from './undo.ts';

const hasAdvice = (state: State): true | string => {
  const allowed = canAct(state);
  if (allowed !== true) return allowed;
  return currentAdvice(state) === undefined ? 'there is no advice to act on' : true;
};

const canAccept = (state: State): true | string => {
  const advice = currentAdvice(state);
  const allowed = hasAdvice(state);
  return allowed === true && advice !== undefined && isByHand(advice)
    ? `${advice.action} is done by hand, its steps are on the screen`
    : allowed;
};

/** The advice on the marked services that a key can carry out. */
const markedAdvice = ({ snapshot, marks }: State): readonly Recommendation[] =>
  (snapshot?.advice.recommendations ?? []).filter(
    (advice) => marks.includes(advice.service) && !isByHand(advice),
  );

const canRead = (state: State): true | string => {
  if (state.replay !== undefined) return past;
  const advice = currentAdvice(state);
  if (advice === undefined) return 'there is no advice to read';
  return isByHand(advice) ? `${advice.action} is done by hand, its steps are on the screen` : true;
};

/** What is advised, else the service: why nothing is said of it is worth knowing as well. */
const explained = (state: State): string =>
  currentAdvice(state)?.id ?? selectedService(state)?.name ?? '';

const adviceCount = ({ snapshot }: State): number => snapshot?.advice.recommendations.length ?? 0;

const hasMoreAdvice = (state: State): true | string =>
  adviceCount(state) > 1 ? true : 'there is no other recommendation';

/** The service that the advice is on is selected with it. */
const turnAdvice = (state: State, by: number): Step => {
  const count = adviceCount(state);
  const advice = (state.advice + by + count) % count;
  const service = state.snapshot?.advice.recommendations[advice]?.service;
  const found = visibleServices(state).findIndex(({ name }) => name === service);
  const moved = found < 0 ? state : selecting(state, found);
  return stay({ ...moved, advice });
};

const asksWhy = (state: State): Step =>
  stay({
    ...state,
    dialog: {
      type: 'menu',
      kind: 'dismiss',
      title: 'DISMISS  because …',
      selected: 0,
      choices: [
        { key: 'n', label: 'not now', hint: 'for an hour, or until it is worse' },
        { key: 'w', label: 'wrong', hint: 'it would not help; for 10 min' },
        { key: 'v', label: 'never', hint: 'not again for this service' },
      ],
    },
  });

const hourMs = 3_600_000;

/** What acts on the advice. */
export const adviceKeys: readonly Key[] = [
  {
    keys: ['a'],
    label: 'accept',
    help: 'read the plan of the recommendation, then apply it',
    enabled: canAccept,
    press: (state) => {
      const recommendation = currentAdvice(state);
      return recommendation === undefined
        ? stay(state)
        : { state, effect: { type: 'plan', targets: [{ recommendation }] } };
    },
  },
  {
    keys: ['p'],
    help: 'read the plan of the recommendation; from there nothing is applied',
    enabled: canRead,
    press: (state) => {
      const recommendation = currentAdvice(state);
      return recommendation === undefined
        ? stay(state)
        : { state, effect: { type: 'plan', targets: [{ recommendation }], isDry: true } };
    },
  },
  {
    keys: ['w'],
    help: 'why this is advised, or why nothing is: each question the advisor asked, with its answer',
    enabled: (state) => {
      if (state.replay !== undefined) return 'why is answered for now only, L goes there';
      return explained(state) === '' ? 'no service is selected' : true;
    },
    press: (state) => ({ state, effect: { type: 'explain', of: explained(state) } }),
  },
  {
    keys: ['A'],
    help: 'read the plans of all advice on the marked services',
    enabled: (state) => {
      const allowed = canAct(state);
      if (allowed !== true) return allowed;
      return markedAdvice(state).length === 0 ? 'no marked service has advice to accept' : true;
    },
    press: (state) => ({
      state,
      effect: {
        type: 'plan',
        targets: markedAdvice(state).map((recommendation) => ({ recommendation })),
      },
    }),
  },
  {
    keys: ['d'],
    label: 'dismiss',
    help: 'put the recommendation away, and say why',
    enabled: hasAdvice,
    press: asksWhy,
  },
  {
    keys: ['z'],
    help: 'hear of the recommendation again in an hour',
    enabled: hasAdvice,
    press: (state) => {
      const advice = currentAdvice(state);
      return advice === undefined
        ? stay(state)
        : {
            state,
            effect: {
              type: 'dismiss',
              given: {
                recommendation: advice.id,
                why: 'not now, for an hour',
                forMs: hourMs,
                isSnoozed: true,
              },
            },
          };
    },
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

export const modeKeys: readonly Key[] = [
  {
    keys: ['m'],
    help: 'whether the autopilot only watches, suggests, or acts by itself (auto is to be typed)',
    enabled: canAct,
    press: (state) => stay(openMenu(state, 'mode')),
  },
];

export const undoKeys: readonly Key[] = [
  {
    keys: ['u'],
    label: 'undo',
    help: 'read what taking back the last action does, then do it',
    enabled: (state) => {
      const allowed = canAct(state);
      if (allowed !== true) return allowed;
      return undoable(state) === undefined ? 'no action can be undone' : true;
    },
    press: (state) => {
      const action = undoable(state);
      return action === undefined ? stay(state) : toUndo(state, action);
    },
  },
];
