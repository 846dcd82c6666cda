import {
  currentAdvice,
  moved,
  type State,
  selectedService,
  sorts,
  visibleServices,
} from './state/state.ts';

/** What a key asks of the supervisor or of the console itself. */
export type Effect =
  | { readonly type: 'plan'; readonly recommendation: string }
  | { readonly type: 'accept'; readonly recommendation: string }
  | { readonly type: 'dismiss'; readonly recommendation: string }
  | { readonly type: 'undo' }
  | { readonly type: 'quit' };

export type Step = { readonly state: State; readonly effect?: Effect };

export type Key = {
  readonly keys: readonly string[];
  readonly label: string;
  readonly help: string;
  /** True, or the reason why it does nothing now. */
  readonly enabled?: (state: State) => true | string;
  readonly press: (state: State) => Step;
};

const stay = (state: State): Step => ({ state });

const mayAct = (state: State): true | string => {
  if (state.readOnly) return 'this console only watches (--read-only)';
  return currentAdvice(state) === undefined ? 'there is no advice to act on' : true;
};

const withAdvice = (state: State, effect: (recommendation: string) => Effect): Step => {
  const advice = currentAdvice(state);
  return advice === undefined ? stay(state) : { state, effect: effect(advice.id) };
};

const nextAdvice = (state: State, by: number): Step => {
  const count = state.snapshot?.advice.recommendations.length ?? 0;
  return stay({ ...state, advice: count === 0 ? 0 : (state.advice + by + count) % count });
};

const worstService = (state: State): Step => {
  const services = visibleServices(state);
  const index = services.findIndex(({ severity }) => severity === 'critical');
  const fallback = services.findIndex(({ severity }) => severity === 'warning');
  return stay({ ...state, selected: Math.max(0, index < 0 ? fallback : index) });
};

/** The one table of keys: the footer, the help and docs/keys.md are drawn from it. */
export const keys: readonly Key[] = [
  { keys: ['j', 'down'], label: '', help: 'next service', press: (state) => stay(moved(state, 1)) },
  {
    keys: ['k', 'up'],
    label: '',
    help: 'previous service',
    press: (state) => stay(moved(state, -1)),
  },
  { keys: ['g'], label: '', help: 'first service', press: (state) => stay(moved(state, -1_000)) },
  { keys: ['G'], label: '', help: 'last service', press: (state) => stay(moved(state, 1_000)) },
  {
    keys: ['enter'],
    label: 'open',
    help: 'the service and its workers',
    enabled: (state) => (selectedService(state) === undefined ? 'no service is selected' : true),
    press: (state) => stay({ ...state, dialog: { type: 'detail' } }),
  },
  {
    keys: ['a'],
    label: 'accept',
    help: 'read the plan of the recommendation, then apply it',
    enabled: mayAct,
    press: (state) => withAdvice(state, (recommendation) => ({ type: 'plan', recommendation })),
  },
  {
    keys: ['d'],
    label: 'dismiss',
    help: 'put the recommendation away',
    enabled: mayAct,
    press: (state) => withAdvice(state, (recommendation) => ({ type: 'dismiss', recommendation })),
  },
  {
    keys: ['u'],
    label: 'undo',
    help: 'take back the last action',
    enabled: ({ readOnly, snapshot }) => {
      if (readOnly) return 'this console only watches (--read-only)';
      return snapshot?.actions.some(({ undo, status }) => undo !== undefined && status === 'done')
        ? true
        : 'no action can be undone';
    },
    press: (state) => ({ state, effect: { type: 'undo' } }),
  },
  {
    keys: ['n'],
    label: 'next',
    help: 'next recommendation',
    press: (state) => nextAdvice(state, 1),
  },
  {
    keys: ['N'],
    label: '',
    help: 'previous recommendation',
    press: (state) => nextAdvice(state, -1),
  },
  { keys: ['!'], label: 'worst', help: 'select the worst service', press: worstService },
  {
    keys: ['s'],
    label: 'sort',
    help: 'sort by the next column',
    press: (state) => {
      const sort = sorts[(sorts.indexOf(state.sort) + 1) % sorts.length] ?? 'config';
      return stay({ ...state, sort, notice: `sorted by ${sort}` });
    },
  },
  {
    keys: ['/'],
    label: 'filter',
    help: 'show only services whose name contains a text',
    press: (state) => stay({ ...state, typing: true, filter: '', selected: 0 }),
  },
  {
    keys: ['?'],
    label: 'help',
    help: 'this list',
    press: (state) => stay({ ...state, dialog: { type: 'help' } }),
  },
  {
    keys: ['escape'],
    label: '',
    help: 'close what is open, clear the filter',
    press: (state) => stay({ ...state, dialog: { type: 'none' }, filter: '', notice: '' }),
  },
  {
    keys: ['q'],
    label: 'quit',
    help: 'leave the console; the app keeps running',
    press: (state) => ({ state, effect: { type: 'quit' } }),
  },
];

/** One key in one state. A key that does nothing says why. */
export const press = (state: State, key: string): Step => {
  if (state.typing) return typeFilter(state, key);
  if (state.dialog.type === 'plan') return pressInPlan(state, key);
  if (key === 'q' && state.dialog.type !== 'none')
    return stay({ ...state, dialog: { type: 'none' } });
  const found = keys.find((each) => each.keys.includes(key));
  if (found === undefined) return stay({ ...state, notice: `${key}: no such key, ? lists them` });
  const enabled = found.enabled?.(state) ?? true;
  if (enabled !== true) return stay({ ...state, notice: `${key}: ${enabled}` });
  return found.press({ ...state, notice: '' });
};

const typeFilter = (state: State, key: string): Step => {
  if (key === 'enter') return stay({ ...state, typing: false });
  if (key === 'escape') return stay({ ...state, typing: false, filter: '' });
  if (key === 'backspace') return stay({ ...state, filter: state.filter.slice(0, -1) });
  return stay(key.length === 1 ? { ...state, filter: state.filter + key, selected: 0 } : state);
};

/** Cancel is preselected: what changes the app takes a deliberate second key. */
const pressInPlan = (state: State, key: string): Step => {
  const { dialog } = state;
  if (dialog.type !== 'plan') return stay(state);
  const closed: State = { ...state, dialog: { type: 'none' } };
  const accept: Effect = { type: 'accept', recommendation: dialog.recommendation };
  if (key === 'y') return { state: { ...closed, notice: 'applying…' }, effect: accept };
  if (key === 'left' || key === 'right' || key === 'tab') {
    return stay({ ...state, dialog: { ...dialog, apply: !dialog.apply } });
  }
  if (key === 'enter' && dialog.apply)
    return { state: { ...closed, notice: 'applying…' }, effect: accept };
  if (key === 'enter' || key === 'escape' || key === 'q')
    return stay({ ...closed, notice: 'cancelled' });
  return stay(state);
};
