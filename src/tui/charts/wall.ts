import type blessed from 'blessed';
import type { Snapshot } from '../../protocol/control/messages.ts';

/** Draws a snapshot on what has been hung on the screen. */
export type Wall = (snapshot: Snapshot) => void;

export type Room = { readonly columns: number; readonly rows: number };

type Box = blessed.Widgets.BlessedElement;

/** Columns between the edges; a screen that was resized has others. */
export const insideOf = ({ width }: Box): number => Number(width) - 2;

/** Rows and columns between the edges. */
export const roomIn = (box: Box): Room => ({
  columns: insideOf(box),
  rows: Number(box.height) - 2,
});

/** The first name that the upper edge has room for; a longer one would be broken over two lines. */
export const label = (box: Box, ...names: readonly string[]): void => {
  const room = insideOf(box) - 4;
  box.setLabel(` ${names.find((name) => name.length <= room) ?? ''} `);
};
