import type { Key } from '../keys/key.ts';
import { hintsOf } from '../keys.ts';
import { draw, type Frame, type Line, lengthOf, spread, toned } from '../rows/line.ts';
import { type State, visibleServices } from '../state/state.ts';

const gap = '  ';

export const hintLine = (keys: readonly Key[]): Line =>
  keys.flatMap(({ keys: [name = ''], label }, index) => [
    index === 0 ? '' : gap,
    toned('key', name),
    ` ${label}`,
  ]);

/** What was just said, or what is being typed; then as many keys of now as there is room for. */
export const footerRow = (state: State, frame: Frame): string => {
  const said = saidLine(state);
  const right = placeLine(state);
  const room = frame.width - lengthOf(said) - lengthOf(right);
  const fitting: Key[] = [];
  for (const key of hintsOf(state)) {
    if (lengthOf(hintLine([...fitting, key])) > room - 2) break;
    fitting.push(key);
  }
  return draw(spread([...said, ' ', ...hintLine(fitting)], right, frame), frame);
};

const saidLine = ({ connection, typing, filter, notice }: State): Line => {
  if (connection === 'lost') {
    return [toned('critical', ' no supervisor answers, trying again; these figures are old'), gap];
  }
  if (connection === 'late') {
    return [toned('warning', ' the supervisor is silent; these figures are old'), gap];
  }
  if (typing) return [toned('key', ` filter: ${filter}_`), gap];
  return notice === '' ? [] : [toned('bold', ` ${notice}`), gap];
};

/** Where the selection is among how many services, and what narrows or orders them. */
const placeLine = (state: State): Line => {
  const count = visibleServices(state).length;
  const filter = state.filter === '' || state.typing ? '' : `/${state.filter}  `;
  const sort = state.sort === 'config' ? '' : `by ${state.sort}  `;
  return [toned('dim', ` ${filter}${sort}${count === 0 ? 0 : state.selected + 1}/${count} `)];
};
