import type { Severity } from '../protocol/severity.ts';

export type Tone = Severity | 'dim' | 'bold' | 'key' | 'replay' | 'plain';

/** What each tone is written with, and the background of what is selected. */
export type Palette = Readonly<Record<Tone | 'selected', string>>;

/** What the screen is drawn with. Colour only repeats a mark, so that it reads the same without. */
export type Theme = {
  readonly ascii: boolean;
  readonly color: boolean;
  /** In place of the terminal's own sixteen colours. */
  readonly palette?: Palette;
  /** The figures are old. */
  readonly isFaded?: boolean;
};

const ownColours: Palette = {
  ok: '32',
  warning: '33;1',
  critical: '31;1',
  dim: '90',
  bold: '1',
  key: '36;1',
  replay: '35;1',
  plain: '',
  selected: '48;5;236',
};

/** A terminal of sixteen colours has no quiet background: there the selection is inverted. */
export const sixteenColours: Palette = { ...ownColours, selected: '7' };

const reset = '\u001B[0m';

export const paint = (theme: Theme, tone: Tone, text: string): string => {
  const codes = (theme.palette ?? ownColours)[theme.isFaded === true ? 'dim' : tone];
  return theme.color && codes !== '' ? `\u001B[${codes}m${text}${reset}` : text;
};

/** A background under text that may be painted already; inverting it would make a rainbow. */
export const paintSelected = ({ color, palette = ownColours }: Theme, text: string): string => {
  const highlight = `\u001B[${palette.selected}m`;
  return color ? `${highlight}${text.replaceAll(reset, reset + highlight)}${reset}` : text;
};

/** What is drawn from figures that are old looks old. */
export const faded = (theme: Theme): Theme => ({ ...theme, isFaded: true });
