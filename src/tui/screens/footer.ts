import type { Key } from '../keys/key.ts';
import { completions, explained } from '../keys/palette.ts';
import { hintsOf } from '../keys.ts';
import { duration } from '../rows/figures.ts';
import { draw, type Frame, type Line, lengthOf, spread, toned } from '../rows/line.ts';
import { type State, visibleServices } from '../state/state.ts';

const gap = '  ';

/** How a key is called where its operator has given it another. */
export const nameOf = ({ keyNames }: State, key: string): string =>
  keyNames[key] === undefined ? key : keyNames[key].join(' ');

const hintLine = (keys: readonly Key[], state: State): Line =>
  keys.flatMap(({ keys: [name = ''], label }, index) => [
    index === 0 ? '' : gap,
    toned('key', nameOf(state, name)),
    ` ${label}`,
  ]);

/** As many of the keys as have room, each with its whole name. */
export const fittingHints = (keys: readonly Key[], state: State, room: number): Line => {
  const fitting: Key[] = [];
  for (const key of keys) {
    if (lengthOf(hintLine([...fitting, key], state)) > room) break;
    fitting.push(key);
  }
  return hintLine(fitting, state);
};

/** What was just said, or what is being typed; then as many keys of now as there is room for. */
export const footerRow = (state: State, frame: Frame): string => {
  const said = saidLine(state);
  const right = placeLine(state);
  const room = frame.width - lengthOf(said) - lengthOf(right);
  // The keys of time stand in a bar of their own then.
  const isPast = state.replay !== undefined;
  const keys = hintsOf(state).filter(({ bar }) => !isPast || bar === undefined);
  const { prompt, dialog } = state;
  // An open dialog has its keys in its own edge.
  const isInBox = prompt === undefined && dialog.type !== 'none';
  const plain = isInBox ? [] : fittingHints(keys, state, room - 2);
  const hints = prompt?.purpose === 'command' ? commandHints(state) : plain;
  return draw(spread([...said, ' ', ...hints], right, frame), frame);
};

const saidLine = ({ connection, lostForMs = 0, prompt, notice }: State): Line => {
  if (connection === 'lost') {
    const tried = lostForMs < 1_000 ? '' : ` for ${duration(lostForMs)}`;
    const words = ` no supervisor answers, trying again${tried}; these figures are old`;
    return [toned('critical', words), gap];
  }
  if (connection === 'late') {
    return [toned('warning', ' the supervisor is silent; these figures are old'), gap];
  }
  if (prompt !== undefined) {
    const sign = prompt.purpose === 'confirm' ? `${prompt.question}: ` : signs[prompt.purpose];
    return [toned('key', ` ${sign}${prompt.text}_`), gap];
  }
  return notice === '' ? [] : [toned('bold', ` ${notice}`), gap];
};

const signs = {
  filter: 'filter: ',
  search: 'search: ',
  grep: 'only lines with: ',
  time: 'go to: ',
  command: ':',
  machine: 'move to which machine: ',
};

const shownWords = 8;

/** What could follow, and how a shell would say it. */
const commandHints = (state: State): Line => {
  const text = state.prompt?.text ?? '';
  const words = completions(state, text);
  const more = words.length > shownWords ? ' …' : '';
  return [
    toned('dim', `${words.slice(0, shownWords).join(' ')}${more}`),
    gap,
    toned('bold', explained(text)),
  ];
};

/** Where the selection is among how many, and what narrows or orders them. */
const placeLine = (state: State): Line => {
  const { view, snapshot } = state;
  switch (view.type) {
    case 'logs':
    case 'service':
      return [' '];
    case 'actions':
      return [toned('dim', ` ${placeOf(view.selected, snapshot?.actions.length ?? 0)} `)];
    case 'main':
      return [toned('dim', ` ${listParts(state).join('  ')} `)];
  }
};

const placeOf = (index: number, count: number): string => `${count === 0 ? 0 : index + 1}/${count}`;

const listParts = (state: State): readonly string[] => {
  const { filter, sort, isInverted, marks, prompt, selected } = state;
  return [
    filter === '' || prompt?.purpose === 'filter' ? '' : `/${filter}`,
    sort === 'config' && !isInverted ? '' : `by ${sort}${isInverted ? ' reversed' : ''}`,
    marks.length === 0 ? '' : `${marks.length} marked`,
    placeOf(selected, visibleServices(state).length),
  ].filter((part) => part !== '');
};
