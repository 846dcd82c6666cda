import { describe, expect, test } from 'vitest';
import { codeOf, depthFrom, parseColour } from '../../src/tui/colours.ts';
import { parsePreferences } from '../../src/tui/preferences.ts';
import { alertsOf, quietMs, titleOf } from '../../src/tui/state/alerts.ts';
import { copySequence, notification, titleSequence } from '../../src/tui/terminal/messages.ts';
import { themeFrom } from '../../src/tui/themes.ts';
import { calm, rush } from './shop.ts';

describe('colour', () => {
  test.each<readonly [Record<string, string>, unknown]>([
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'full'],
    [{ TERM: 'xterm-256color' }, 256],
    [{ TERM: 'linux' }, 16],
    [{ TERM: 'dumb' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, 256],
    [{ TERM: 'linux', FORCE_COLOR: '3' }, 'full'],
    [{ TERM: 'xterm-256color', FORCE_COLOR: '0' }, 'none'],
  ])('of %j is %s', (env, depth) => {
    expect(depthFrom(env)).toBe(depth);
  });

  test('is written as the terminal can show it', () => {
    const rgb = parseColour('#ff8700') ?? [0, 0, 0];
    expect(codeOf(rgb, 'full')).toBe('38;2;255;135;0');
    expect(codeOf(rgb, 256)).toBe('38;5;208');
    expect(parseColour('orange')).toBeUndefined();
  });

  test('is that of the theme, or of the operator, and none where there is none', () => {
    const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
    const calmTheme = themeFrom(env, { ascii: false, name: 'calm' });
    expect(calmTheme.palette?.critical).toBe('38;2;229;101;91;1');
    const own = themeFrom(env, { ascii: false, name: 'calm', colours: { critical: '#010203' } });
    expect(own.palette?.critical).toBe('38;2;1;2;3;1');
    expect(themeFrom({ ...env, NO_COLOR: '1' }, { ascii: false, name: 'calm' })).toEqual({
      ascii: false,
      color: false,
    });
  });

  test.each([
    ['C', true],
    ['en_GB.UTF-8', false],
    ['ja_JP.UTF-8', true],
  ])('and glyphs follow the locale: %s is ASCII: %s', (LANG, ascii) => {
    expect(themeFrom({ LANG }, { ascii: false }).ascii).toBe(ascii);
  });
});

describe('the bell', () => {
  test('rings once for a service that becomes critical, and not for what was so before', () => {
    expect(alertsOf(undefined, rush).ring).toEqual([]);
    const seen = alertsOf(undefined, calm).rung;
    const rung = alertsOf(seen, rush);
    expect(rung.ring).toEqual(['orders']);
    expect(alertsOf(rung.rung, rush).ring).toEqual([]);
    const at = new Date(Date.parse(rush.status.at) + quietMs).toISOString();
    const later = { ...rush, status: { ...rush.status, at } };
    expect(alertsOf(rung.rung, later).ring).toEqual(['orders']);
  });

  test.each<readonly [Record<string, string>, string]>([
    [{ TERM: 'xterm-256color' }, '\u0007'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' }, '\u0007\u001B]9;orders, late\u0007'],
    [{ TERM: 'xterm-kitty' }, '\u0007\u001B]99;;orders, late\u001B\\'],
    [{ TERM: 'rxvt-unicode' }, '\u0007\u001B]777;notify;forge;orders, late\u0007'],
  ])('comes with what %j has for notifications', (env, expected) => {
    expect(notification(env, 'orders; late')).toBe(expected);
  });

  test('reaches the terminal outside of tmux', () => {
    const text = notification({ TERM: 'xterm-kitty', TMUX: '/tmp/tmux' }, 'x');
    expect(text).toBe('\u0007\u001BPtmux;\u001B\u001B]99;;x\u001B\u001B\\\u001B\\');
  });
});

test('the title says how bad it is, and cannot be bent by a name', () => {
  const marks = { critical: '◆', warning: '▲' };
  expect(titleOf(rush, marks)).toBe('forge ◆1 shop');
  expect(titleOf(calm, marks)).toBe('forge shop');
  expect(titleSequence('a\u0007b\u001B]0;c')).toBe('\u001B]0;a b ]0,c\u0007');
});

test('what is copied is encoded, and not when it is too long', () => {
  expect(copySequence({}, 'forge scale orders 2')).toBe(
    `\u001B]52;c;${Buffer.from('forge scale orders 2').toString('base64')}\u0007`,
  );
  expect(copySequence({}, 'x'.repeat(60_000))).toBeUndefined();
});

describe('the file of the console', () => {
  const parse = (raw: unknown) => parsePreferences(raw, 'console.json');

  test('sets the theme, colours, keys and other apps', () => {
    const raw = {
      theme: 'paper',
      colours: { critical: '#ff0000' },
      keys: { a: ['ctrl-a'], d: [], j: ['j', 'ctrl-n'] },
      contexts: {
        staging: '/run/forge/staging/control.sock',
        'eu-1': { host: 'ops@eu-1', app: '/srv/shop' },
        'eu-2': { host: 'eu-2' },
      },
    };
    expect(parse(raw)).toEqual({
      ...raw,
      contexts: [
        { name: 'staging', place: { socketPath: '/run/forge/staging/control.sock' } },
        { name: 'eu-1', place: { host: 'ops@eu-1', app: '/srv/shop' } },
        { name: 'eu-2', place: { host: 'eu-2' } },
      ],
    });
  });

  test.each([
    [[], 'it is no object'],
    [{ color: {} }, 'there is no setting color; there are theme, colours, keys, contexts'],
    [{ theme: 'pink' }, 'there is no theme pink; there are terminal, calm, bright, paper'],
    [{ colours: { critical: 'red' } }, 'colours.critical is red; write one such as #d9a441'],
    [{ keys: { '§': ['x'] } }, 'keys.§: there is no such key; docs/keys.md has them all'],
    [{ keys: { a: 'x' } }, 'keys.a is no list of keys; write one such as ["x"]'],
    [{ keys: { a: ['d'] } }, 'keys.a: d does something else already'],
    [{ keys: { a: ['ctrl-x'], d: ['ctrl-x'] } }, 'keys.a: ctrl-x does something else already'],
    [{ contexts: { here: 5 } }, 'contexts.here is neither a path of a control socket nor'],
    [{ contexts: { there: { app: '/srv' } } }, 'contexts.there is neither a path'],
  ])('with %j is refused: %s', (raw, problem) => {
    expect(() => parse(raw)).toThrow(`console.json: ${problem}`);
  });
});
