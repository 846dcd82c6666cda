import { type LogLevel, type LogLine, logLevels, parseLogRecord } from '../../protocol/logs.ts';

/** What is looked at of the logs. */
export type LogView = {
  readonly lines: readonly LogLine[];
  readonly isFollowing: boolean;
  /** Later lines are not shown: the screen is about a moment of the past. */
  readonly until?: number;
  /** Lines between the last one that is shown and the end. */
  readonly behind: number;
  readonly search: string;
  /** Which of the matches is pointed at, counted from the newest. */
  readonly match: number;
  readonly filter: string;
  readonly level: LogLevel;
  /** Every field of a record is shown, and not its message alone. */
  readonly isUnfolded: boolean;
};

export const noLogs: LogView = {
  lines: [],
  isFollowing: true,
  behind: 0,
  search: '',
  match: 0,
  filter: '',
  level: 'debug',
  isUnfolded: false,
};

const keptLines = 5_000;

/** What has been read on; whoever reads further up stays where they are. */
export const withLines = (view: LogView, more: readonly LogLine[]): LogView => {
  if (more.length === 0) return view;
  const lines = [...view.lines, ...more].slice(-keptLines);
  const added = view.isFollowing ? 0 : shownLines({ ...view, lines: more }).length;
  return { ...view, lines, behind: view.behind + added };
};

const rankOf = (level: LogLevel | undefined): number => logLevels.indexOf(level ?? 'info');

const holds = (text: string, part: string): boolean =>
  text.toLowerCase().includes(part.toLowerCase());

/** The lines that the level and the filter leave. */
export const shownLines = ({ lines, level, filter, until }: LogView): readonly LogLine[] =>
  lines.filter(
    (line) =>
      rankOf(line.level) >= logLevels.indexOf(level) &&
      (filter === '' || holds(line.line, filter)) &&
      (until === undefined || Date.parse(line.time) <= until),
  );

/** Places of the lines that have what is searched, the newest first. */
export const matchesOf = (view: LogView, shown: readonly LogLine[]): readonly number[] => {
  if (view.search === '') return [];
  const places = shown.flatMap(({ line }, index) => (holds(line, view.search) ? [index] : []));
  return places.toReversed();
};

/** Towards the older lines with a positive number. */
export const scrolled = (view: LogView, by: number): LogView => {
  const last = Math.max(0, shownLines(view).length - 1);
  const behind = Math.max(0, Math.min(last, view.behind + by));
  return { ...view, behind, isFollowing: behind === 0 && by < 0 };
};

/** Goes to an older match, or with -1 to a newer one, and round at the ends. */
export const toMatch = (view: LogView, by: number): LogView => {
  const shown = shownLines(view);
  const matches = matchesOf(view, shown);
  if (matches.length === 0) return view;
  const match = (view.match + by + matches.length) % matches.length;
  const behind = shown.length - 1 - (matches[match] ?? 0);
  return { ...view, match, behind, isFollowing: false };
};

/** A line in words: the message of a record, with its fields when it is unfolded. */
export const textOf = ({ line, worker }: LogLine, isUnfolded: boolean): string => {
  const record = parseLogRecord(line, worker);
  if (record === undefined) return line;
  const fields = Object.entries(record.fields);
  if (fields.length === 0) return record.msg ?? '';
  const folded = isUnfolded
    ? fields.map(([key, value]) => `${key}=${spelled(value)}`).join(' ')
    : `{${fields.length}}`;
  return `${record.msg ?? ''} ${folded}`.trim();
};

const spelled = (value: unknown): string =>
  typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
