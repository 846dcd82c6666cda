import { adviceKeys } from './keys/advice-keys.ts';
import { filterKeys } from './keys/filter-keys.ts';
import { type Key, type Step, stay } from './keys/key.ts';
import { planKeys } from './keys/plan-keys.ts';
import { viewKeys } from './keys/view-keys.ts';
import { reordered, type State, said } from './state/state.ts';

/** What the keys mean depends on what is open. */
export type Mode = 'main' | 'plan' | 'filter';

/** The one table of keys: the footer, the help and docs/keys.md are drawn from it. */
export const keyTable: Readonly<Record<Mode, readonly Key[]>> = {
  main: [...adviceKeys, ...viewKeys],
  plan: planKeys,
  filter: filterKeys,
};

/** What the help and docs/keys.md call each part of the table. */
export const sections: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  { title: 'KEYS', keys: keyTable.main },
  { title: 'WHILE A PLAN IS OPEN', keys: keyTable.plan },
  { title: 'WHILE TYPING A FILTER', keys: keyTable.filter },
];

export const modeOf = ({ typing, dialog }: State): Mode => {
  if (typing) return 'filter';
  return dialog.type === 'plan' ? 'plan' : 'main';
};

/** The keys of a state that do something in it and that the footer names. */
export const hintsOf = (state: State): readonly Key[] =>
  keyTable[modeOf(state)].filter(
    ({ label, enabled }) => label !== undefined && (enabled?.(state) ?? true) === true,
  );

/** One key in one state. A key that does nothing says why. */
export const press = (state: State, name: string): Step => {
  const mode = modeOf(state);
  const found = keyTable[mode].find(({ keys }) => keys.includes(name));
  if (found === undefined) return unknown(state, mode, name);
  const enabled = found.enabled?.(state) ?? true;
  if (enabled !== true) return stay(said(state, `${name}: ${enabled}`));
  return found.press(said(state, ''));
};

const unknown = (state: State, mode: Mode, name: string): Step => {
  switch (mode) {
    case 'main':
      return stay(said(state, `${name}: no such key, ? lists them`));
    case 'plan':
      return stay(said(state, `${name}: y applies the plan, escape cancels it`));
    case 'filter':
      // A letter belongs to the filter; any other key ends the typing and counts as itself.
      return [...name].length === 1
        ? stay(reordered(state, { filter: state.filter + name }))
        : press({ ...state, typing: false }, name);
  }
};

/** Pasted text is no sequence of keys: it could hold an `a` and a `y`. */
export const pasted = (state: State, text: string): State =>
  state.typing
    ? reordered(state, { filter: state.filter + text.trim() })
    : said(state, 'pasted text is not taken for keys');
