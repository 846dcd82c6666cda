import { type Colours, type Depth, depthFrom, paletteOf } from './colours.ts';
import { sixteenColours, type Theme } from './theme.ts';

/** The colours of the terminal itself come first; `t` goes on through the others. */
export const themeNames = ['terminal', 'calm', 'bright', 'paper'] as const;
export type ThemeName = (typeof themeNames)[number];

export const builtIn: Readonly<Record<Exclude<ThemeName, 'terminal'>, Colours>> = {
  calm: {
    ok: '#7fb685',
    warning: '#d9a441',
    critical: '#e5655b',
    dim: '#7d8590',
    key: '#6cb6c9',
    replay: '#c792ea',
    selected: '#2a2f38',
  },
  bright: {
    ok: '#50fa7b',
    warning: '#ffd166',
    critical: '#ff5555',
    dim: '#8a93a6',
    key: '#8be9fd',
    replay: '#ff79c6',
    selected: '#3b4252',
  },
  paper: {
    ok: '#1a7f37',
    warning: '#9a6700',
    critical: '#cf222e',
    dim: '#6e7781',
    key: '#0969da',
    replay: '#8250df',
    selected: '#dde4ec',
  },
};

type Env = Readonly<Record<string, string | undefined>>;

export type Wanted = {
  readonly ascii: boolean;
  readonly name?: ThemeName;
  /** Of single tones, in place of the theme's. */
  readonly colours?: Partial<Colours>;
};

/** NO_COLOR and TERM=dumb are obeyed; without a UTF-8 locale the glyphs are ASCII. */
export const themeFrom = (env: Env, { ascii, name = 'terminal', colours = {} }: Wanted): Theme => {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((each) => each) ?? 'C.UTF-8';
  const depth = depthFrom(env);
  const look = { ascii: ascii || !isUnicode(locale), color: depth !== 'none' };
  return { ...look, ...paletteFor(depth, name, colours) };
};

/** In these languages terminals draw our marks two columns wide. */
const isUnicode = (locale: string): boolean =>
  /utf-?8/i.test(locale) && !/^(zh|ja|ko)/.test(locale);

const paletteFor = (depth: Depth, name: ThemeName, own: Partial<Colours>): Partial<Theme> => {
  if (depth === 'none') return {};
  if (depth === 16) return { palette: sixteenColours };
  const isOwn = Object.keys(own).length > 0;
  if (name === 'terminal' && !isOwn) return {};
  const base = builtIn[name === 'terminal' ? 'calm' : name];
  return { palette: paletteOf({ ...base, ...own }, depth) };
};
