import type { Palette, Tone } from './theme.ts';

export type Depth = 'none' | 16 | 256 | 'full';

type Env = Readonly<Record<string, string | undefined>>;

/** How many colours a terminal has: what its operator says comes first. */
export const depthFrom = (env: Env): Depth => {
  const { NO_COLOR = '', FORCE_COLOR = '', COLORTERM = '', TERM = '' } = env;
  if (NO_COLOR !== '' || TERM === 'dumb' || FORCE_COLOR === '0') return 'none';
  if (FORCE_COLOR === '3') return 'full';
  if (FORCE_COLOR === '2') return 256;
  if (FORCE_COLOR === '1') return 16;
  if (COLORTERM === 'truecolor' || COLORTERM === '24bit') return 'full';
  return TERM.includes('256color') ? 256 : 16;
};

export type Rgb = readonly [red: number, green: number, blue: number];

export const parseColour = (text: string): Rgb | undefined => {
  const [, red, green, blue] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text) ?? [];
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)];
};

/** The 6 × 6 × 6 cube of the 256 colours. */
const levels = [0, 95, 135, 175, 215, 255] as const;

const nearest = (value: number): number =>
  levels.reduce<number>(
    (best, level, index) =>
      Math.abs(level - value) < Math.abs((levels[best] ?? 0) - value) ? index : best,
    0,
  );

/** The codes of a colour as the text's, at a depth that has such colours. */
export const codeOf = (
  [red, green, blue]: Rgb,
  depth: 256 | 'full',
  ground: 38 | 48 = 38,
): string =>
  depth === 'full'
    ? `${ground};2;${red};${green};${blue}`
    : `${ground};5;${16 + 36 * nearest(red) + 6 * nearest(green) + nearest(blue)}`;

export type Colours = Readonly<Record<Exclude<Tone, 'plain' | 'bold'> | 'selected', string>>;

/** Those that stand out are bold as well, so that a pale screen still tells them apart. */
const boldTones: readonly string[] = ['warning', 'critical', 'key', 'replay'];

export const paletteOf = (colours: Colours, depth: 256 | 'full'): Palette => {
  const codes = Object.entries(colours).map(([tone, text]) => {
    const rgb = parseColour(text) ?? [128, 128, 128];
    const code = codeOf(rgb, depth, tone === 'selected' ? 48 : 38);
    return [tone, boldTones.includes(tone) ? `${code};1` : code];
  });
  // One entry for each of its tones, made just above.
  return { bold: '1', plain: '', ...Object.fromEntries(codes) } as Palette;
};
