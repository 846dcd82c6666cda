import { sections } from '../src/tui/keys.ts';

const code = (name: string): string => `\`${name}\``;

type Row = readonly [string, string];

const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));

/** A table whose columns are as wide as their widest cell, as the formatter wants it. */
const table = (rows: readonly Row[]): readonly string[] => {
  const keys = widest(['key', ...rows.map(([key]) => key)]);
  const texts = widest(['does', ...rows.map(([, does]) => does)]);
  const line = ([key, does]: Row): string => `| ${key.padEnd(keys)} | ${does.padEnd(texts)} |`;
  return [['key', 'does'] as const, ['-'.repeat(keys), '-'.repeat(texts)] as const, ...rows].map(
    line,
  );
};

const sentence = (text: string): string => text.charAt(0) + text.slice(1).toLowerCase();

/** docs/keys.md, from the table that the console itself uses. */
export const keysPage = (): string => {
  const parts = sections.map(({ title, keys }) => {
    const rows = keys.map(({ keys: names, help }): Row => [names.map(code).join(' '), help]);
    return [`## ${sentence(title)}`, '', ...table(rows), ''];
  });
  return [
    '# Keys of the console',
    '',
    '`forge top` shows the keys that do something now in its last row, and all of them with `?`. A key',
    'that can do nothing now says why. No key that moves the selection changes the app; `a` shows the',
    'plan first, with Cancel chosen. `ctrl-c` leaves at once, with exit code 130.',
    '',
    'This page is made from the table of keys by `npm run docs`.',
    '',
    ...parts.flat(),
  ].join('\n');
};
