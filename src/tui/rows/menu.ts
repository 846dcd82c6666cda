import { glyphsOf } from '../glyphs.ts';
import type { Choice } from '../state/view.ts';
import { boxRows } from './box.ts';
import { type Frame, type Line, toned } from './line.ts';

export type MenuOptions = Frame & {
  readonly title: string;
  readonly choices: readonly Choice[];
  readonly selected: number;
  readonly foot: Line;
};

/** Choices, each with the key that takes it. */
export const menuRows = ({ title, choices, selected, foot, ...frame }: MenuOptions) => {
  const labelWidth = Math.max(...choices.map(({ label }) => label.length)) + 2;
  return boxRows(
    {
      title: [toned('bold', title)],
      lines: choices.map(
        ({ key, label, hint = '' }, index): Line => [
          index === selected ? toned('key', `${glyphsOf(frame.theme).pointer} `) : '  ',
          toned('key', key),
          `  ${label.padEnd(labelWidth)}`,
          toned('dim', hint),
        ],
      ),
      foot,
    },
    frame,
  );
};
