import { glyphsOf } from '../glyphs.ts';
import { paint, type Theme, type Tone } from '../theme.ts';

/** A stretch of text in one tone; a bare string is plain. */
export type Piece = string | { readonly text: string; readonly tone: Tone };
export type Line = readonly Piece[];

export type Frame = { readonly width: number; readonly theme: Theme };

export const toned = (tone: Tone, text: string): Piece => ({ text, tone });

const textOf = (piece: Piece): string => (typeof piece === 'string' ? piece : piece.text);
const toneOf = (piece: Piece): Tone => (typeof piece === 'string' ? 'plain' : piece.tone);

/** Characters that every terminal draws one column wide; others would break a row, or worse. */
const oneColumn =
  '\\u0020-\\u007E\\u00A1-\\u00AC\\u00AE-\\u024F\\u0370-\\u0377\\u0384-\\u0482\\u048A-\\u052F\\u2010-\\u2027\\u2030-\\u205E\\u2190-\\u21FF\\u2500-\\u25FF\\u2800-\\u28FF';
const isDrawable = new RegExp(`^[${oneColumn}]*$`);
const isSevenBit = /^[\u0020-\u007E]*$/;
const asciiFor: Readonly<Record<string, string>> = { '→': '>', '×': 'x', '…': '~' };

/** Text from elsewhere, a reason or a name, may hold anything: one column a character comes out. */
const safe = (text: string, { ascii }: Theme): string => {
  // Most of what is drawn is our own; to look at each character would be half the cost of a frame.
  const isFine = ascii ? isSevenBit : isDrawable;
  return isFine.test(text) ? text : [...text].map((char) => safeChar(char, ascii)).join('');
};

const safeChar = (char: string, ascii: boolean): string => {
  if (/\s/.test(char)) return ' ';
  if (ascii && !isSevenBit.test(char)) return asciiFor[char] ?? '?';
  return isDrawable.test(char) ? char : '?';
};

const columnsOf = (text: string): number =>
  isDrawable.test(text) ? text.length : [...text].length;

/** Columns that a line takes. */
export const lengthOf = (line: Line): number =>
  line.reduce((sum, piece) => sum + columnsOf(textOf(piece)), 0);

/** The line cut or filled to an exact width; a cut one ends with a mark. */
export const toWidth = (line: Line, { width, theme }: Frame): Line => {
  const length = lengthOf(line);
  const over = length > width;
  const { cut } = glyphsOf(theme);
  let room = Math.max(0, over ? width - cut.length : width);
  const kept: Piece[] = [];
  for (const piece of line) {
    if (room === 0) break;
    const text = safe(textOf(piece), theme).slice(0, room);
    room -= text.length;
    kept.push({ text, tone: toneOf(piece) });
  }
  kept.push(over ? cut.slice(0, width) : ' '.repeat(room));
  return kept;
};

/** The end of the line at the right edge; what is on the left gives way. */
export const spread = (left: Line, right: Line, frame: Frame): Line => {
  const room = frame.width - lengthOf(right);
  return room < 1 ? toWidth(left, frame) : [...toWidth(left, { ...frame, width: room }), ...right];
};

/** One piece at the right of so many columns. */
export const toRight = (piece: Piece, width: number): Line => [
  ' '.repeat(Math.max(0, width - lengthOf([piece]))),
  piece,
];

/** A row of exact width, painted; neighbours of one tone share their escapes. */
export const draw = (line: Line, frame: Frame): string => {
  const runs: { readonly tone: Tone; text: string }[] = [];
  for (const piece of toWidth(line, frame)) {
    const last = runs.at(-1);
    if (last?.tone === toneOf(piece)) last.text += textOf(piece);
    else runs.push({ tone: toneOf(piece), text: textOf(piece) });
  }
  return runs
    .filter(({ text }) => text !== '')
    .map(({ tone, text }) => paint(frame.theme, tone, text))
    .join('');
};

/** Text in lines of at most `width`, broken between words. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
};
