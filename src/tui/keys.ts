import { actionKeys } from './keys/action-keys.ts';
import { adviceKeys, modeKeys, undoKeys } from './keys/advice-keys.ts';
import { helpKeys, slowKeys, whyKeys } from './keys/help-keys.ts';
import { type Key, type Step, stay } from './keys/key.ts';
import { listKeys, moveKeys } from './keys/list-keys.ts';
import { logKeys } from './keys/log-keys.ts';
import { chosen, menuKeys, toPlace } from './keys/menu-keys.ts';
import { planKeys } from './keys/plan-keys.ts';
import { endTyping, promptKeys, typed } from './keys/prompt-keys.ts';
import { filterKey, paneKeys, screenKeys } from './keys/screen-keys.ts';
import { serviceKeys, tabKeys, workerKeys } from './keys/service-keys.ts';
import { replayKeys, timeKeys } from './keys/time-keys.ts';
import { type State, said } from './state/state.ts';

/** What the keys mean depends on what is open. */
export type Mode =
  | 'main'
  | 'service'
  | 'serviceLogs'
  | 'logs'
  | 'actions'
  | 'plan'
  | 'menu'
  | 'help'
  | 'why'
  | 'slow'
  | 'prompt';

type Section = { readonly title: string; readonly keys: readonly Key[] };

/** What the help and docs/keys.md call each part of the table. */
const parts = {
  screen: { title: 'EVERYWHERE', keys: screenKeys },
  list: { title: 'SERVICES', keys: [...moveKeys, ...listKeys, filterKey, ...paneKeys] },
  advice: { title: 'ADVICE', keys: [...adviceKeys, ...undoKeys, ...modeKeys] },
  change: { title: 'ONE SERVICE, OR THE MARKED ONES', keys: serviceKeys },
  tab: { title: 'IN AN OPEN SERVICE', keys: [...tabKeys, ...workerKeys] },
  time: { title: 'IN TIME', keys: timeKeys },
  replay: { title: 'WHILE THE PAST IS SHOWN', keys: replayKeys },
  logs: { title: 'IN THE LOGS', keys: logKeys },
  actions: { title: 'IN WHAT WAS DONE', keys: actionKeys },
  plan: { title: 'WHILE A PLAN IS OPEN', keys: planKeys },
  help: { title: 'WHILE THE KEYS ARE LISTED', keys: helpKeys },
  why: { title: 'WHILE IT IS SAID WHY', keys: whyKeys },
  slow: { title: 'WHILE SLOW CALLS ARE LISTED', keys: slowKeys },
  menu: { title: 'WHILE A MENU IS OPEN', keys: menuKeys },
  prompt: { title: 'WHILE TYPING', keys: promptKeys },
} as const satisfies Record<string, Section>;

export const sections: readonly Section[] = Object.values(parts);

const { screen, list, advice, change, tab, logs, actions } = parts;

/** Where two parts meet, the first one has the key. */
const isFirst = ({ keys }: Key, index: number, all: readonly Key[]): boolean =>
  all.findIndex((other) => other.keys.some((key) => keys.includes(key))) === index;

/** The one table of keys: the footer, the help and docs/keys.md are drawn from it. */
export const keyTable: Readonly<Record<Mode, readonly Key[]>> = {
  main: [...advice.keys, ...list.keys, ...screen.keys, ...change.keys, ...timeKeys],
  // Where one service is open there is no next advice to turn to.
  service: [
    ...advice.keys.filter(({ keys }) => !keys.some((key) => 'nNA'.includes(key))),
    ...change.keys,
    ...tab.keys,
    ...screen.keys,
    ...timeKeys,
  ],
  serviceLogs: [...logs.keys, ...tab.keys, ...screen.keys, ...timeKeys].filter(isFirst),
  logs: [...logs.keys, ...screen.keys, ...timeKeys],
  actions: [...actions.keys, ...screen.keys, ...timeKeys],
  plan: planKeys,
  help: helpKeys,
  why: whyKeys,
  slow: slowKeys,
  menu: menuKeys,
  prompt: promptKeys,
};

/** The same while the past is shown, whose keys come first. */
const inPast = (keys: readonly Key[]): readonly Key[] => [...replayKeys, ...keys].filter(isFirst);
const replayTable: Partial<typeof keyTable> = {
  main: inPast(keyTable.main),
  service: inPast(keyTable.service),
  serviceLogs: inPast(keyTable.serviceLogs),
  logs: inPast(keyTable.logs),
  actions: inPast(keyTable.actions),
};

const keysOf = (state: State): readonly Key[] => {
  const mode = modeOf(state);
  return (state.replay === undefined ? undefined : replayTable[mode]) ?? keyTable[mode];
};

export const modeOf = ({ prompt, dialog, view }: State): Mode => {
  if (prompt !== undefined) return 'prompt';
  if (dialog.type !== 'none') return dialog.type;
  return view.type === 'service' && view.tab === 'logs' ? 'serviceLogs' : view.type;
};

/** The keys of a state that do something in it and that the footer names. */
export const hintsOf = (state: State): readonly Key[] =>
  keysOf(state).filter(
    ({ label, enabled }) => label !== undefined && (enabled?.(state) ?? true) === true,
  );

/** Our name of a key that the operator's file calls otherwise. */
const ownName = ({ keyNames }: State, name: string): string => {
  const renamed = Object.entries(keyNames).find(([, names]) => names.includes(name));
  if (renamed !== undefined) return renamed[0];
  return keyNames[name] === undefined ? name : '';
};

/** One key in one state. A key that does nothing says why. */
export const press = (state: State, name: string): Step => {
  const mode = modeOf(state);
  if (mode === 'prompt') return pressIn(state, mode, name);
  const typedName = name === ' ' ? 'space' : name;
  const own = ownName(state, typedName);
  return own === '' ? unknown(state, mode, typedName) : pressIn(state, mode, own);
};

const pressIn = (state: State, mode: Mode, name: string): Step => {
  const found = keysOf(state).find(({ keys }) => keys.includes(name));
  if (found === undefined) return unknown(state, mode, name);
  const enabled = found.enabled?.(state) ?? true;
  if (enabled !== true) {
    return state.prompt === undefined || state.prompt.purpose === 'command'
      ? stay(said(state, `${name}: ${enabled}`))
      : press(endTyping(state), name);
  }
  return found.press(said(state, ''));
};

const unknown = (state: State, mode: Mode, name: string): Step => {
  switch (mode) {
    case 'main':
    case 'service':
    case 'serviceLogs':
    case 'logs':
    case 'actions':
      return stay(said(state, `${name}: no such key here, ? lists them`));
    case 'help':
      return stay(said(state, `${name}: ? closes the keys first`));
    case 'why':
    case 'slow':
      return stay(said(state, `${name}: escape closes this first`));
    case 'plan':
      return stay(said(state, `${name}: y applies the plan, escape cancels it`));
    case 'menu':
      return taken(state, name);
    case 'prompt':
      // A letter belongs to the line; any other key ends the typing and counts as itself.
      return [...name].length === 1
        ? stay(typed(state, (state.prompt?.text ?? '') + name))
        : press(endTyping(state), name);
  }
};

/** A menu's choices have keys of their own. */
const taken = (state: State, name: string): Step => {
  const { dialog } = state;
  if (dialog.type === 'menu' && dialog.kind === 'place') return toPlace(state, name);
  const index = dialog.type === 'menu' ? dialog.choices.findIndex(({ key }) => key === name) : -1;
  if (dialog.type !== 'menu' || index < 0) {
    return stay(said(state, `${name}: no such choice, escape goes back`));
  }
  return chosen(state, dialog, index);
};

/** Pasted text is no sequence of keys: it could hold an `a` and a `y`. */
export const pasted = (state: State, text: string): State =>
  state.prompt === undefined
    ? said(state, 'pasted text is not taken for keys')
    : typed(state, state.prompt.text + text.replaceAll(/\s+/g, ' ').trim());
