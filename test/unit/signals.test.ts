import { expect, test } from 'vitest';
import { ms } from '../../src/protocol/units.ts';
import {
  exitCodeOf,
  onSignal,
  type Signal,
  type SignalState,
} from '../../src/supervisor/signals.ts';

const play = (signals: readonly (readonly [Signal, number])[], attended = false) => {
  let state: SignalState = { status: 'running', attended };
  const effects = signals.map(([signal, at]) => {
    const step = onSignal(state, signal, ms(at));
    state = step.state;
    return step.effect;
  });
  return { effects, exitCode: exitCodeOf(state) };
};

test.each([
  ['nothing: it ended by itself', [], [], 0],
  ['SIGTERM stops, as asked', [['SIGTERM', 0]], ['stop'], 0],
  ['Ctrl-C stops, interrupted', [['SIGINT', 0]], ['stop'], 130],
  [
    'a wrapper repeats the same Ctrl-C',
    [
      ['SIGINT', 0],
      ['SIGINT', 40],
    ],
    ['stop', 'none'],
    130,
  ],
  [
    'a second Ctrl-C kills',
    [
      ['SIGINT', 0],
      ['SIGINT', 900],
    ],
    ['stop', 'kill'],
    130,
  ],
  [
    'a second SIGTERM kills',
    [
      ['SIGTERM', 0],
      ['SIGTERM', 900],
    ],
    ['stop', 'kill'],
    0,
  ],
  [
    'there is nothing beyond',
    [
      ['SIGTERM', 0],
      ['SIGINT', 900],
      ['SIGINT', 1_900],
    ],
    ['stop', 'kill', 'none'],
    0,
  ],
  [
    'SIGHUP reloads',
    [
      ['SIGHUP', 0],
      ['SIGHUP', 9],
    ],
    ['reload', 'reload'],
    0,
  ],
  [
    'SIGHUP does not meddle with a stop',
    [
      ['SIGTERM', 0],
      ['SIGHUP', 900],
    ],
    ['stop', 'none'],
    0,
  ],
] as const)('%s', (_what, signals, ...ends) => {
  const [effects, exitCode] = ends;
  expect(play(signals)).toEqual({ effects, exitCode });
});

test('a terminal that closes asks for nothing', () => {
  expect(play([['SIGHUP', 0]], true)).toEqual({ effects: ['none'], exitCode: 0 });
});
