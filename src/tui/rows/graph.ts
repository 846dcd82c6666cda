import type { Severity } from '../../protocol/severity.ts';
import { type Line as Lines, severityOf } from '../../protocol/thresholds.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Theme, Tone } from '../theme.ts';
import { type Line, type Piece, toned } from './line.ts';

/** What a snapshot has of every service. */
const minuteSeconds = 60;

export type Graph = {
  readonly width: number;
  /** Value of a full block. */
  readonly top: number;
  readonly lines: Lines;
  readonly theme: Theme;
  /** That the width stands for; a minute if nothing is said. */
  readonly seconds?: number;
};

const toneOf = (severity: Severity): Tone => (severity === 'ok' ? 'dim' : severity);

/** A period that ends now as blocks: of each slot the highest value, in the tone of its line. */
export const sparkline = (values: readonly number[], graph: Graph): Line => {
  const { top, lines, theme } = graph;
  const { levels } = glyphsOf(theme);
  const slots = slotsOf(values, graph).map((value): { glyph: string; tone: Tone } => {
    if (value === undefined) return { glyph: ' ', tone: 'plain' };
    const level = Math.floor((Math.max(0, value) / Math.max(top, 1e-9)) * levels.length);
    const glyph = levels[Math.min(levels.length - 1, level)] ?? ' ';
    return { glyph, tone: toneOf(severityOf(value, lines)) };
  });
  return slots.map(({ glyph, tone }) => toned(tone, glyph));
};

/** Each slot is a part of the period; where nothing was measured it is undefined. */
const slotsOf = (
  values: readonly number[],
  { width, seconds = minuteSeconds }: Pick<Graph, 'width' | 'seconds'>,
): readonly (number | undefined)[] => {
  const first = values.length - seconds;
  return Array.from({ length: width }, (_, index) => {
    const from = Math.floor((index * seconds) / width);
    const to = Math.max(from + 1, Math.floor(((index + 1) * seconds) / width));
    // Two of these stand in each row of each frame: no list is made for a slot.
    let highest: number | undefined;
    for (let second = from; second < to; second += 1) {
      const value = values[first + second];
      if (value !== undefined && value > (highest ?? Number.NEGATIVE_INFINITY)) highest = value;
    }
    return highest;
  });
};

/** The slot of a moment, or undefined when it is longer ago than the period. */
export const slotOf = (
  agoMs: number,
  { width, seconds = minuteSeconds }: Pick<Graph, 'width' | 'seconds'>,
): number | undefined => {
  const slot = width - 1 - Math.floor((Math.max(0, agoMs) / 1_000 / seconds) * width);
  return slot < 0 ? undefined : slot;
};

/** A bar of `width` filled to the share of `top`. */
export const bar = (
  value: number,
  { width, top, theme }: Pick<Graph, 'width' | 'top' | 'theme'>,
): Line => {
  const { full, empty } = glyphsOf(theme);
  const filled = Math.max(0, Math.min(width, Math.round((value / Math.max(top, 1e-9)) * width)));
  return [full.repeat(filled), toned('dim', empty.repeat(width - filled))];
};

/** A bar with the marks of its warning and its critical line on it. */
export const gauge = (value: number, { width, lines, theme }: Omit<Graph, 'top'>): Line => {
  const glyphs = glyphsOf(theme);
  const top = lines.critical * 1.25;
  const at = (line: number): number => Math.min(width - 1, Math.floor((line / top) * width));
  const severity = severityOf(value, lines);
  const filled = Math.min(width, Math.round((value / top) * width));
  return Array.from({ length: width }, (_, index): Piece => {
    if (index === at(lines.critical)) return toned('critical', glyphs.critical);
    if (index === at(lines.warning)) return toned('warning', glyphs.warning);
    return index < filled ? toned(toneOf(severity), glyphs.full) : toned('dim', glyphs.empty);
  });
};
