import { describe, expect, test } from 'vitest';
import { settled } from '../../src/tui/screens/reading.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import type { State } from '../../src/tui/state/state.ts';
import type { Dialog } from '../../src/tui/state/view.ts';
import { explanation, slow } from './depths.ts';
import { rush } from './shop.ts';
import { looking, typed } from './typed.ts';

const theme = { ascii: false, color: false };

const dialogs: readonly Dialog[] = [
  { type: 'help', from: 0 },
  { type: 'why', explanation, from: 0 },
  { type: 'slow', slow, from: 0 },
];

const isAtEnd = ({ notice }: State): boolean => notice === 'the last line is on the screen';

const sizes = [
  { columns: 120, rows: 36 },
  { columns: 80, rows: 24 },
  { columns: 60, rows: 15 },
  { columns: 40, rows: 10 },
];

describe.each(sizes)('at $columns × $rows', (size) => {
  const press = (state: State, key: string): State => settled(typed(state, key).state, size);
  const inside = (state: State): readonly string[] =>
    screenRows(state, size, theme).filter((row) => row.startsWith('│ '));
  const place = (state: State): readonly number[] =>
    /(\d+)-(\d+) of (\d+)/
      .exec(screenRows(state, size, theme).join('\n'))
      ?.slice(1)
      .map(Number) ?? [];

  test.each(dialogs)('$type is read to its last line, and the first key goes back', (dialog) => {
    let state = looking(rush, { dialog });
    const seen = [place(state)];
    for (let key = 0; key < 500 && !isAtEnd(state); key += 1) {
      state = press(state, 'j');
      seen.push(place(state));
    }
    const [first = [], ...rest] = seen;
    // Where all of it has room, nothing is said of places.
    const [, shown = 0, total = 0] = first;
    expect(rest.at(-1)?.[1] ?? 0).toBe(total);
    expect(seen.map(([, to = 0]) => to)).toEqual([
      ...Array.from({ length: total - shown + 1 }, (_, index) => shown + index),
      total,
    ]);
    if (total === 0) return;
    const last = inside(state);
    expect(inside(press(state, 'k')).slice(1)).toEqual(last.slice(0, -1));
    expect(place(press(state, 'ctrl-u'))[1]).toBe(Math.max(shown, total - 10));
  });

  test('what was scrolled far is at its end in a larger window, too', () => {
    const far = looking(rush, { dialog: { type: 'help', from: 10_000 } });
    const [, to, of] = place(settled(far, size));
    expect(to).toBe(of);
  });
});
