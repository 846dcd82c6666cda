import type { Severity } from '../protocol/severity.ts';

/** What the screen is drawn with. Colour only repeats a mark, so that it reads the same without. */
export type Theme = {
  readonly ascii: boolean;
  readonly color: boolean;
};

export type Tone = Severity | 'idle' | 'dim' | 'bold' | 'key' | 'selected' | 'plain';

const codes: Readonly<Record<Tone, string>> = {
  ok: '32',
  warning: '33',
  critical: '31;1',
  idle: '90',
  dim: '90',
  bold: '1',
  key: '36',
  selected: '48;5;236',
  plain: '',
};

export const paint = (theme: Theme, tone: Tone, text: string): string =>
  theme.color && codes[tone] !== '' ? `\u001B[${codes[tone]}m${text}\u001B[0m` : text;

const unicodeMarks = { ok: '●', warning: '▲', critical: '◆' } as const;
const asciiMarks = { ok: 'o', warning: '!', critical: 'X' } as const;

export const markOf = ({ ascii }: Theme, severity: Severity): string =>
  (ascii ? asciiMarks : unicodeMarks)[severity];

/** NO_COLOR and TERM=dumb are obeyed; without a UTF-8 locale the glyphs are ASCII. */
export const themeFrom = (
  env: Readonly<Record<string, string | undefined>>,
  ascii: boolean,
): Theme => {
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? 'C.UTF-8';
  return {
    ascii: ascii || !/utf-?8/i.test(locale),
    color: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  };
};

/** Cuts or fills to an exact width; every glyph used here is one column wide. */
export const toWidth = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
  const glyphs = [...text];
  if (glyphs.length > width)
    return `${glyphs.slice(0, Math.max(0, width - 1)).join('')}…`.slice(0, width);
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
};

const blocks = '▁▂▃▄▅▆▇█';
const asciiBlocks = '.:-=+*%#';

/** The last `width` values against `top`, one glyph each. */
export const sparkline = (
  { ascii }: Theme,
  values: readonly number[],
  { width, top }: { readonly width: number; readonly top: number },
): string => {
  const glyphs = ascii ? asciiBlocks : blocks;
  const shown = values.slice(-width).map((value) => {
    const level = Math.floor((Math.max(0, value) / Math.max(top, 1e-9)) * glyphs.length);
    return glyphs[Math.min(glyphs.length - 1, level)] ?? ' ';
  });
  return shown.join('').padStart(width);
};

/** A bar of `width` filled to the share of `top`. */
export const bar = (
  { ascii }: Theme,
  value: number,
  { width, top }: { readonly width: number; readonly top: number },
): string => {
  const filled = Math.max(0, Math.min(width, Math.round((value / top) * width)));
  return (ascii ? '#' : '█').repeat(filled) + (ascii ? '.' : '░').repeat(width - filled);
};
