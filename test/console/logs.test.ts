import { describe, expect, test } from 'vitest';
import { press } from '../../src/tui/keys.ts';
import { logRows } from '../../src/tui/rows/log.ts';
import { matchesOf, noLogs, shownLines, withLines } from '../../src/tui/state/logs.ts';
import { initialState, type State, withSnapshot } from '../../src/tui/state/state.ts';
import { logLines } from './depths.ts';
import { rush } from './shop.ts';

const reading: State = {
  ...withSnapshot(initialState(false), rush),
  view: { type: 'logs', services: ['orders'] },
  logs: { ...noLogs, lines: logLines },
};

const typed = (...names: readonly string[]): State =>
  names.reduce((state, name) => press(state, name).state, reading);

const screen = ({ logs }: State, rows = 8): string =>
  logRows(logs, {
    rows,
    width: 80,
    title: 'orders',
    theme: { ascii: false, color: false },
  }).join('\n');

describe('the logs', () => {
  test('follow the newest line, and stay where somebody reads further up', () => {
    const more = logLines.slice(0, 3);
    expect(screen(reading)).toContain('GET /health');
    const up = typed('k', 'k');
    const later = { ...up, logs: withLines(up.logs, more) };
    expect(screen(later).split('\n').slice(1, -1)).toEqual(screen(up).split('\n').slice(1, -1));
    expect(screen(later)).toContain('5 behind');
    expect(screen({ ...later, logs: press(later, 'G').state.logs })).toContain('● follow');
  });

  test('are searched: n goes to the older match, N back, and round at the ends', () => {
    const found = typed('/', ...'deadline', 'enter');
    expect(found.logs).toMatchObject({ match: 0, isFollowing: false });
    expect(screen(found)).toContain('/deadline 1/4');
    expect(screen(found)).toMatch(/▸09:38:35.*deadline exceeded/);
    const older = press(found, 'n').state;
    expect(screen(older)).toMatch(/▸09:38:26/);
    expect(press(older, 'N').state.logs.match).toBe(0);
    expect(press(found, 'N').state.logs.match).toBe(3);
  });

  test('that come after the search are searched as well', () => {
    const early = { ...reading, logs: noLogs };
    const asked = ['/', ...'deadline', 'enter'].reduce(
      (now, name) => press(now, name).state,
      early,
    );
    const later = { ...asked, logs: withLines(asked.logs, logLines) };
    expect(screen(later)).toContain('/deadline 4 matches');
    expect(screen(press(later, 'n').state)).toMatch(/▸09:38:35/);
  });

  test('say when nothing matches', () => {
    expect(typed('/', ...'zebra', 'enter', 'n').notice).toBe('n: no line has "zebra"');
    expect(typed('n').notice).toBe('n: search something with / first');
  });

  test('are filtered by text and by level; a line without a level counts as info', () => {
    expect(shownLines(typed('&', ...'LATE by', 'enter').logs)).toHaveLength(5);
    const worse = typed('v', '3').logs;
    expect(new Set(shownLines(worse).map(({ level }) => level))).toEqual(
      new Set(['warn', 'error']),
    );
    expect(shownLines(typed('v', '2').logs)).toHaveLength(logLines.length);
  });

  test('show the message of a record, and its fields when asked', () => {
    const search = typed('&', ...'POST', 'enter');
    expect(screen(search)).toContain('POST /orders 201 339 ms {2}');
    expect(screen(press(search, 'x').state)).toContain('id=o-39 tookMs=351');
  });

  test('keep the last lines only', () => {
    const many = Array.from({ length: 6_000 }, () => logLines)
      .flat()
      .slice(0, 6_000);
    const view = withLines(noLogs, many);
    expect(view.lines).toHaveLength(5_000);
    expect(matchesOf({ ...view, search: 'deadline' }, shownLines(view)).length).toBeGreaterThan(0);
  });
});
