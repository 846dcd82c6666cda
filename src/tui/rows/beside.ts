import type { Frame } from './line.ts';

/** Rows there are for something. */
export type Area = Frame & { readonly rows: number };

/** Draws exactly as many rows as its area has. */
export type Part = (area: Area) => readonly string[];

/** Two parts next to each other; where there is no room for both, the left one alone. */
export const beside = (left: Part, right: Part, area: Area): readonly string[] => {
  if (area.width < 70) return left(area);
  const width = Math.floor(area.width / 2);
  const on = left({ ...area, width });
  const off = right({ ...area, width: area.width - width });
  return on.map((row, index) => row + (off[index] ?? ''));
};
