import { type LogView, matchesOf, scrolled, shownLines, toMatch } from '../state/logs.ts';
import { type State, said } from '../state/state.ts';
import { type Key, type Step, stay } from './key.ts';
import { openMenu } from './menu-keys.ts';

const withLogs = (state: State, change: Partial<LogView>): Step =>
  stay({ ...state, logs: { ...state.logs, ...change } });

const canGoUp = ({ logs }: State): true | string =>
  logs.behind < shownLines(logs).length - 1 ? true : 'the first line is on the screen';

const canGoDown = ({ logs }: State): true | string =>
  logs.behind > 0 ? true : 'the last line is on the screen';

const hasMatches = ({ logs }: State): true | string => {
  if (logs.search === '') return 'search something with / first';
  return matchesOf(logs, shownLines(logs)).length > 0 ? true : `no line has "${logs.search}"`;
};

const matched = (state: State, by: number): Step => {
  const logs = toMatch(state.logs, by);
  const count = matchesOf(logs, shownLines(logs)).length;
  return stay(said({ ...state, logs }, `match ${logs.match + 1} of ${count}`));
};

const far = Number.MAX_SAFE_INTEGER;

const scrolls = (state: State, by: number): Step => withLogs(state, scrolled(state.logs, by));

/** What reads the logs. */
export const logKeys: readonly Key[] = [
  {
    keys: ['F'],
    label: 'follow',
    help: 'go with the newest lines, or stop',
    press: (state) => withLogs(state, { isFollowing: !state.logs.isFollowing, behind: 0 }),
  },
  {
    keys: ['/'],
    label: 'search',
    help: 'go to the lines that have a text',
    press: (state) => stay({ ...state, prompt: { purpose: 'search', text: '', back: 0 } }),
  },
  {
    keys: ['n'],
    label: 'next',
    help: 'next match, towards the older lines',
    enabled: hasMatches,
    press: (state) => matched(state, 1),
  },
  {
    keys: ['N'],
    help: 'previous match, towards the newer lines',
    enabled: hasMatches,
    press: (state) => matched(state, -1),
  },
  {
    keys: ['&'],
    label: 'filter',
    help: 'show only the lines that have a text',
    press: (state) => stay({ ...state, prompt: { purpose: 'grep', text: '', back: 0 } }),
  },
  {
    keys: ['v'],
    label: 'level',
    help: 'show only lines of a level and worse',
    press: (state) => stay(openMenu(state, 'level')),
  },
  {
    keys: ['x'],
    label: 'fields',
    help: 'show every field of a line, or its message alone',
    press: (state) => withLogs(state, { isUnfolded: !state.logs.isUnfolded }),
  },
  { keys: ['k', 'up'], help: 'one line up', enabled: canGoUp, press: (state) => scrolls(state, 1) },
  {
    keys: ['j', 'down'],
    help: 'one line down',
    enabled: canGoDown,
    press: (state) => scrolls(state, -1),
  },
  {
    keys: ['ctrl-u', 'pageup'],
    help: 'ten lines up',
    enabled: canGoUp,
    press: (state) => scrolls(state, 10),
  },
  {
    keys: ['ctrl-d', 'pagedown'],
    help: 'ten lines down',
    enabled: canGoDown,
    press: (state) => scrolls(state, -10),
  },
  {
    keys: ['g', 'home'],
    help: 'first line',
    enabled: canGoUp,
    press: (state) => scrolls(state, far),
  },
  {
    keys: ['G', 'end'],
    help: 'last line, and follow',
    enabled: ({ logs }) =>
      logs.behind > 0 || !logs.isFollowing ? true : 'the newest lines are followed',
    press: (state) => withLogs(state, { behind: 0, isFollowing: true }),
  },
];
