import type { Theme } from './theme.ts';

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
  crumb: '›',
  mark: '■',
  pin: '↑',
  axis: '┤',
  threshold: '┄',
  branch: '├─▶',
  lastBranch: '└─▶',
  /** Up to seven eighths, so that one graph does not run into the one above. */
  levels: '▁▂▃▄▅▆▇',
  rewind: '◀◀',
  play: '▶',
  stand: '■',
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
  crumb: '/',
  mark: '#',
  pin: '^',
  axis: '|',
  threshold: '-',
  branch: '|->',
  lastBranch: '`->',
  levels: '.:-=+*#',
  rewind: '<<',
  play: '>',
  stand: '=',
  full: '#',
  empty: '.',
};

export const glyphsOf = ({ ascii }: Theme): Glyphs => (ascii ? asciiGlyphs : unicodeGlyphs);
