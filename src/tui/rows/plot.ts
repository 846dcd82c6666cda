import type { Severity } from '../../protocol/severity.ts';
import { type Line as Lines, severityOf } from '../../protocol/thresholds.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Theme } from '../theme.ts';
import { type Line, type Piece, toned } from './line.ts';

export type PlotOptions = {
  readonly width: number;
  readonly rows: number;
  /** So many points fill the width; the newest is at the right edge. */
  readonly points: number;
  readonly lines: Lines;
  readonly theme: Theme;
};

/** Dots of one braille character, from the left and from the top. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

const labelWidth = 6;

/** A series as a curve over its warning and its critical line, which are named at the left. */
export const plot = (values: readonly number[], options: PlotOptions): readonly Line[] => {
  const { width, rows, lines, theme } = options;
  const columns = Math.max(1, width - labelWidth - 1);
  const top = Math.max(lines.critical * 1.15, ...values.filter((value) => !Number.isNaN(value)));
  const across = spreadOver(values, { ...options, columns });
  const most = rows * 4 - 1;
  const heights = across.map((value) =>
    value === undefined ? undefined : Math.round((Math.max(0, value) / top) * most),
  );
  const cells = curve(heights, columns, rows);
  const rowOf = (value: number): number =>
    Math.min(rows - 1, Math.max(0, Math.floor((1 - value / top) * rows)));
  const marks = { critical: rowOf(lines.critical), warning: rowOf(lines.warning) };
  return Array.from({ length: rows }, (_, row): Line => {
    const middle = ((rows - row - 0.5) / rows) * top;
    // A row may have a line in it: then the value itself says on which side of it one is.
    const tones = Array.from({ length: columns }, (_, column) => {
      const peak = Math.max(across[2 * column] ?? 0, across[2 * column + 1] ?? 0);
      return severityOf(rowOf(peak) === row ? peak : Math.min(peak, middle), lines);
    });
    const mark =
      row === marks.critical ? 'critical' : row === marks.warning ? 'warning' : undefined;
    const label = mark === undefined ? '' : `${glyphsOf(theme)[mark]}${lines[mark]}`;
    const rule = mark === undefined ? ' ' : glyphsOf(theme).threshold;
    return [
      toned(mark ?? 'dim', label.padStart(labelWidth)),
      toned('dim', glyphsOf(theme).axis),
      ...cellsOf(cells[row] ?? [], { tones, rule, theme }),
    ];
  });
};

type Scale = PlotOptions & { readonly columns: number };

/** The value at each of the two dot columns of a character; undefined before the first point. */
const spreadOver = (
  values: readonly number[],
  { points, columns }: Scale,
): readonly (number | undefined)[] => {
  const across = columns * 2;
  return Array.from({ length: across }, (_, x) => {
    const from = values.length - points + Math.floor((x / across) * points);
    const to = values.length - points + Math.floor(((x + 1) / across) * points);
    return highest(values.slice(Math.max(0, from), Math.max(0, to, from + 1)));
  });
};

/** A peak is seen also where one dot stands for several seconds. */
const highest = (values: readonly number[]): number | undefined => {
  const measured = values.filter((value) => !Number.isNaN(value));
  return measured.length === 0 ? undefined : Math.max(...measured);
};

/** Bits of braille, row by row; a jump is drawn as an upright line. */
const curve = (
  heights: readonly (number | undefined)[],
  columns: number,
  rows: number,
): readonly (readonly number[])[] => {
  const cells = Array.from({ length: rows }, () => Array<number>(columns).fill(0));
  for (const [x, height] of heights.entries()) {
    if (height === undefined) continue;
    const [low, high] = uprightFrom(heights[x - 1] ?? height, height);
    for (let y = low; y <= high; y += 1) setDot(cells, x, rows * 4 - 1 - y);
  }
  return cells;
};

/** The dots above each other that join a point to the one before it. */
const uprightFrom = (before: number, height: number): readonly [low: number, high: number] => {
  if (before < height) return [before + 1, height];
  return before > height ? [height, before - 1] : [height, height];
};

const setDot = (cells: number[][], x: number, y: number): void => {
  const row = cells[Math.floor(y / 4)];
  const bit = dots[x % 2 === 0 ? 0 : 1][(y % 4) as 0 | 1 | 2 | 3];
  const column = Math.floor(x / 2);
  if (row !== undefined) row[column] = (row[column] ?? 0) | bit;
};

type Look = {
  readonly tones: readonly Severity[];
  readonly rule: string;
  readonly theme: Theme;
};

const cellsOf = (bits: readonly number[], { tones, rule, theme }: Look): readonly Piece[] =>
  bits.map((each, column) => {
    if (each === 0) return toned('dim', rule);
    const tone = tones[column] ?? 'ok';
    return toned(
      tone === 'ok' ? 'plain' : tone,
      theme.ascii ? '*' : String.fromCharCode(0x2800 + each),
    );
  });
