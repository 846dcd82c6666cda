import type { Theme } from './theme.ts';

const unicodeGlyphs = {
  ok: '●',
  warning: '▲',
  critical: '◆',
  /** More than it needs. */
  idle: '▼',
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
  idle: 'v',
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
