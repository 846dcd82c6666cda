import { expect, test } from 'vitest';
import { pictureOf } from '../../src/tui/terminal/screen-picture.ts';

const painted = (codes: string, text: string): string => `\u001B[${codes}m${text}\u001B[0m`;

test('each word of a row has its place and the colours that it is painted with', () => {
  const rows = [
    `a ${painted('33;1', 'bold yellow')}`,
    painted('38;2;1;35;69', 'own') + painted('38;5;196;1', 'cube') + painted('38;5;244', 'grey'),
  ];
  const texts = [...pictureOf(rows).matchAll(/<text x="(\d+)" y="([\d.]+)".*?( fill.*)<\/text>/g)];
  expect(texts.map(([, x, y, rest]) => `${x} ${y}${rest}`)).toEqual([
    '14 28.5 fill="#d4d7dd">a',
    '32 28.5 fill="#d9a441" font-weight="bold">bold',
    '77 28.5 fill="#d9a441" font-weight="bold">yellow',
    '14 47.5 fill="#012345">own',
    '41 47.5 fill="#ff0000" font-weight="bold">cube',
    '77 47.5 fill="#808080">grey',
  ]);
});

test('what is selected has its ground, also where that is the text turned round', () => {
  const [quiet, inverted] = [painted('48;5;236', 'row '), painted('7', 'row ')].map((row) =>
    pictureOf([row]),
  );
  expect(quiet).toContain('<rect x="14" width="36" y="14" height="19" fill="#303030"/>');
  expect(inverted).toContain('<rect x="14" width="36" y="14" height="19" fill="#d4d7dd"/>');
  expect(inverted).toContain('fill="#16181d">row</text>');
});

test('no text is taken for markup', () => {
  expect(pictureOf(['p99<5 & "x">1'])).toContain('>p99&lt;5</text>');
  expect(pictureOf(['p99<5 & "x">1'])).toContain('>&amp;</text>');
});
