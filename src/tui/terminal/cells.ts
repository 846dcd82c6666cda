/** A row of the screen: a character a column, and the codes that each is painted with. */
export type Cells = { readonly text: string; readonly styles: readonly string[] };

/** Rows hold only characters of one column and one UTF-16 unit, and `CSI … m`: see `rows/line.ts`. */
export const toCells = (row: string): Cells => {
  const [first = '', ...painted] = row.split('\u001B[');
  const styles = Array<string>(first.length).fill('');
  let text = first;
  let style = '';
  for (const part of painted) {
    const end = part.indexOf('m');
    style = restyled(style, part.slice(0, end));
    text += part.slice(end + 1);
    while (styles.length < text.length) styles.push(style);
  }
  return { text, styles };
};

const restyled = (style: string, codes: string): string => {
  if (codes === '0' || codes === '') return '';
  return style === '' ? codes : `${style};${codes}`;
};

/** So many equal cells between two changed ones cost less than to move the cursor over them. */
const worthMoving = 8;

/** What turns a row on the screen into another: only the stretches that changed are written. */
export const rowChange = (y: number, before: Cells, after: Cells): string => {
  let written = '';
  let from = -1;
  let until = -1;
  for (let x = 0; x < after.text.length; x += 1) {
    if (isEqual(before, after, x)) continue;
    if (from >= 0 && x - until > worthMoving) {
      written += stretch(y, after, { from, until });
      from = x;
    } else if (from < 0) from = x;
    until = x + 1;
  }
  return from < 0 ? '' : written + stretch(y, after, { from, until });
};

const isEqual = (before: Cells, after: Cells, x: number): boolean =>
  before.text[x] === after.text[x] && before.styles[x] === after.styles[x];

type Span = { readonly from: number; readonly until: number };

const stretch = (y: number, { text, styles }: Cells, { from, until }: Span): string => {
  let out = `\u001B[${y + 1};${from + 1}H`;
  let style = '';
  let start = from;
  for (let x = from; x < until; x += 1) {
    const next = styles[x] ?? '';
    if (next === style) continue;
    out += text.slice(start, x) + change(style, next);
    start = x;
    style = next;
  }
  return out + text.slice(start, until) + change(style, '');
};

const change = (from: string, to: string): string => {
  if (to === from) return '';
  if (to === '') return '\u001B[m';
  return `\u001B[${from === '' ? '' : '0;'}${to}m`;
};
