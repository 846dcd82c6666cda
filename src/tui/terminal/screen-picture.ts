import { toCells } from './cells.ts';
import { indexed, ink, paper, rgb } from './screen-colours.ts';

const cell = { width: 9, height: 19, baseline: 14.5 };
const fontSize = 15;
const margin = 14;

/** Rows as they are painted, as an SVG image: it needs no font of its own, and opens in any browser. */
export const pictureOf = (rows: readonly string[]): string => {
  const columns = Math.max(0, ...rows.map((row) => toCells(row).text.length));
  const width = columns * cell.width + 2 * margin;
  const height = rows.length * cell.height + 2 * margin;
  const font = `font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ${font}>`,
    `<rect width="100%" height="100%" fill="${paper}"/>`,
    ...rows.flatMap((row, y) => runsOf(row).flatMap((run) => drawn(run, y))),
    '</svg>',
    '',
  ].join('\n');
};

/** Cells beside each other that are painted alike. */
type Run = { readonly x: number; readonly text: string; readonly style: string };

const runsOf = (row: string): readonly Run[] => {
  const { text, styles } = toCells(row);
  const starts = styles.flatMap((style, x) => (x > 0 && style === styles[x - 1] ? [] : [x]));
  return starts.map((x, index) => ({
    x,
    text: text.slice(x, starts[index + 1]),
    style: styles[x] ?? '',
  }));
};

const drawn = ({ x, text, style }: Run, y: number): readonly string[] => {
  const { front, back, isBold } = looksOf(style);
  const top = margin + y * cell.height;
  const ground = `<rect ${across(x, text)} y="${top}" height="${cell.height}" fill="${back}"/>`;
  const weight = isBold ? ' font-weight="bold"' : '';
  // Not every viewer keeps spaces: each word has its own place.
  const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => {
    const place = `x="${leftOf(x + index)}" y="${top + cell.baseline}"`;
    const length = `textLength="${word.length * cell.width}"`;
    return `<text ${place} ${length} fill="${front}"${weight}>${escaped(word)}</text>`;
  });
  return back === paper ? words : [ground, ...words];
};

const leftOf = (x: number): number => margin + x * cell.width;

const across = (x: number, { length }: string): string =>
  `x="${leftOf(x)}" width="${length * cell.width}"`;

type Looks = { readonly front: string; readonly back: string; readonly isBold: boolean };

/** `38;5;n` of 256 colours or `38;2;r;g;b`; 48 is the ground. */
const extended = /([34])8;(?:5;(\d+)|2;(\d+);(\d+);(\d+))/g;

const looksOf = (style: string): Looks => {
  const colours = Object.fromEntries(
    [...style.matchAll(extended)].map(([, place = '', index, ...parts]) => [
      place,
      index === undefined ? rgb(parts.map(Number)) : indexed(Number(index)),
    ]),
  );
  const codes = style.replaceAll(extended, '').split(';');
  const [front, back] = [colours['3'] ?? named(codes) ?? ink, colours['4'] ?? paper];
  const isBold = codes.includes('1');
  return codes.includes('7') ? { front: back, back: front, isBold } : { front, back, isBold };
};

const named = (codes: readonly string[]): string | undefined => {
  const [place, number] = codes.find((code) => /^[39][0-7]$/.test(code)) ?? '';
  return number === undefined ? undefined : indexed(Number(number) + (place === '9' ? 8 : 0));
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
