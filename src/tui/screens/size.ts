import type { State } from '../state/state.ts';

export type Size = { readonly columns: number; readonly rows: number };

/** Where one part of the main view fills the screen. */
export const isSmallSize = ({ columns, rows }: Size): boolean => columns < 80 || rows < 20;

/** Rows between the head of the screen, which is longer in the main view, and its last ones. */
export const bodyRoom = ({ view, replay }: State, rows: number): number =>
  Math.max(0, rows - (view.type === 'main' ? 2 : 1) - (replay === undefined ? 0 : 1) - 1);
