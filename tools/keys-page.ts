import { sections } from '../src/tui/keys.ts';
import { pageTable } from './page-table.ts';

const code = (name: string): string => `\`${name}\``;

const sentence = (text: string): string => text.charAt(0) + text.slice(1).toLowerCase();

/** docs/keys.md, from the table that the console itself uses. */
export const keysPage = (): string => {
  const parts = sections.map(({ title, keys }) => {
    const rows = keys.map(({ keys: names, help }) => [names.map(code).join(' '), help]);
    return [`## ${sentence(title)}`, '', ...pageTable(['key', 'does'], rows), ''];
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
