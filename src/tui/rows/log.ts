import type { LogLine } from '../../protocol/logs.ts';
import { spoken } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import { type LogView, matchesOf, shownLines, textOf } from '../state/logs.ts';
import type { Tone } from '../theme.ts';
import type { Area } from './beside.ts';
import { filledBox } from './box.ts';
import { clock } from './figures.ts';
import { type Line, toned } from './line.ts';

export type LogOptions = Area & { readonly title: string };

const tones: Readonly<Record<string, Tone>> = {
  error: 'critical',
  warn: 'warning',
  debug: 'dim',
};

/** The end of the logs, or the place that was scrolled to. */
export const logRows = (view: LogView, options: LogOptions): readonly string[] => {
  const shown = shownLines(view);
  const matches = matchesOf(view, shown);
  const room = Math.max(0, options.rows - 2);
  const end = Math.max(Math.min(room, shown.length), shown.length - view.behind);
  const from = Math.max(0, end - room);
  const current = matches[view.match];
  const lines = shown
    .slice(from, end)
    .map((line, index) => logLine(line, { ...options, view, isCurrent: from + index === current }));
  return filledBox(
    {
      title: [toned('bold', 'LOGS'), `  ${options.title}  `, ...stateOf(view, options)],
      aside: [asideOf(view, { matches: matches.length, shown: shown.length })],
      lines: lines.length === 0 ? [[toned('dim', emptyOf(view))]] : lines,
    },
    options,
  );
};

const stateOf = ({ isFollowing, behind }: LogView, { theme }: Area): Line =>
  isFollowing
    ? [toned('ok', `${glyphsOf(theme).ok} follow`)]
    : [toned('warning', behind === 0 ? 'held' : `${behind} behind`)];

const asideOf = (
  { search, match, filter, level }: LogView,
  { matches, shown }: { readonly matches: number; readonly shown: number },
): string =>
  [
    level === 'debug' ? '' : `${level} and worse`,
    filter === '' ? '' : `&${filter}`,
    search === '' ? '' : `/${search} ${placeOf(match, matches)}`,
    `${shown} lines`,
  ]
    .filter((part) => part !== '')
    .join('  ');

/** Before the first `n` none is pointed at: the lines may have come after the search. */
const placeOf = (match: number, matches: number): string => {
  if (matches === 0) return 'no match';
  return match < 0 ? `${matches} matches` : `${match + 1}/${matches}`;
};

const emptyOf = ({ lines, filter, level }: LogView): string => {
  if (lines.length === 0) return 'nothing was written in the last minutes';
  return `no line has "${filter}" at ${level} and worse`;
};

type LineOptions = LogOptions & { readonly view: LogView; readonly isCurrent: boolean };

/** In the log of one service its own workers need only their number. */
const nameOf = (worker: string, title: string): string => {
  const name = spoken(worker);
  return name.startsWith(`${title}#`)
    ? name.slice(title.length).padEnd(3)
    : name.slice(0, 14).padEnd(14);
};

const logLine = (line: LogLine, { view, theme, width, title, isCurrent }: LineOptions): Line => {
  const { time, worker, level = 'info' } = line;
  const text = textOf(line, view.isUnfolded);
  const who = width < 60 ? [] : [toned('dim', ` ${nameOf(worker, title)}`)];
  return [
    isCurrent ? toned('key', glyphsOf(theme).pointer) : ' ',
    toned('dim', clock(time)),
    ...who,
    toned(tones[level] ?? 'plain', ` ${level.padEnd(5)} `),
    ...highlighted(text, view.search),
  ];
};

/** Every place of what is searched. */
const highlighted = (text: string, search: string): Line => {
  if (search === '') return [text];
  const at = text.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return [text];
  const end = at + search.length;
  return [
    text.slice(0, at),
    toned('key', text.slice(at, end)),
    ...highlighted(text.slice(end), search),
  ];
};
