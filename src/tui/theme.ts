import type { Severity } from '../protocol/severity.ts';

/** What the screen is drawn with. Colour only repeats a mark, so that it reads the same without. */
export type Theme = {
  readonly ascii: boolean;
  readonly color: boolean;
};

export type Tone = Severity | 'dim' | 'bold' | 'key' | 'plain';

const codes: Readonly<Record<Tone, string>> = {
  ok: '32',
  warning: '33;1',
  critical: '31;1',
  dim: '90',
  bold: '1',
  key: '36;1',
  plain: '',
};

const reset = '\u001B[0m';
const highlight = '\u001B[48;5;236m';

export const paint = (theme: Theme, tone: Tone, text: string): string =>
  theme.color && codes[tone] !== '' ? `\u001B[${codes[tone]}m${text}${reset}` : text;

/** A background under text that may be painted already; inverting it would make a rainbow. */
export const paintSelected = ({ color }: Theme, text: string): string =>
  color ? `${highlight}${text.replaceAll(reset, reset + highlight)}${reset}` : text;

const unicodeGlyphs = {
  ok: '●',
  warning: '▲',
  critical: '◆',
  pointer: '▸',
  arrow: '→',
  cut: '…',
  action: '⇄',
  worker: '↻',
  corners: { topLeft: '╭', topRight: '╮', bottomLeft: '╰', bottomRight: '╯' },
  dash: '─',
  side: '│',
  /** Up to seven eighths, so that one graph does not run into the one above. */
  levels: '▁▂▃▄▅▆▇',
  full: '━',
  empty: '─',
} as const;

export type Glyphs = {
  readonly [K in keyof typeof unicodeGlyphs]: K extends 'corners'
    ? Readonly<Record<keyof (typeof unicodeGlyphs)['corners'], string>>
    : string;
};

const asciiGlyphs: Glyphs = {
  ok: 'o',
  warning: '!',
  critical: 'X',
  pointer: '>',
  arrow: '->',
  cut: '~',
  action: '%',
  worker: '@',
  corners: { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+' },
  dash: '-',
  side: '|',
  levels: '.:-=+*#',
  full: '#',
  empty: '.',
};

export const glyphsOf = ({ ascii }: Theme): Glyphs => (ascii ? asciiGlyphs : unicodeGlyphs);

/** NO_COLOR and TERM=dumb are obeyed; without a UTF-8 locale the glyphs are ASCII. */
export const themeFrom = (
  env: Readonly<Record<string, string | undefined>>,
  ascii: boolean,
): Theme => {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((each) => each) ?? 'C.UTF-8';
  return {
    ascii: ascii || !/utf-?8/i.test(locale),
    color: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  };
};
