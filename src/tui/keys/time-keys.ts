import { eventBeside, lookBack, nowOf, showAt, speeds, stepped, toLive } from '../state/replay.ts';
import { type State, said } from '../state/state.ts';
import { bounds } from '../state/tape.ts';
import { type Key, type Step, stay } from './key.ts';

const seen = ({ snapshot }: State): true | string =>
  snapshot === undefined ? 'nothing was seen yet' : true;

/** To a moment; from now, what was recorded is asked for first. */
export const goTo = (state: State, at: number): Step =>
  state.replay === undefined
    ? { state: lookBack(state, at), effect: { type: 'rewind' } }
    : stay(showAt(state, at));

const step = (state: State, byMs: number): Step =>
  state.replay === undefined ? goTo(state, nowOf(state) + byMs) : stay(stepped(state, byMs));

const canGoBack = (state: State): true | string => {
  const { replay } = state;
  if (replay?.tape === undefined) return seen(state);
  return replay.at > bounds(replay.tape)[0] ? true : 'nothing is kept from before';
};

const canGoOn = ({ replay }: State): true | string => {
  if (replay === undefined) return 'this is now';
  if (replay.tape === undefined) return true;
  return replay.at < bounds(replay.tape)[1] ? true : 'nothing was recorded later, L is now';
};

const toEvent = (state: State, way: 'before' | 'after'): Step => {
  const at = eventBeside(state, way);
  return at === undefined ? stay(state) : goTo(state, at);
};

const hasEvent =
  (way: 'before' | 'after') =>
  (state: State): true | string => {
    if (way === 'after' && state.replay === undefined) return 'this is now';
    return eventBeside(state, way) === undefined ? `no event ${way} it is kept` : true;
  };

/** What the screen shows, and what led to it, for somebody else to look at. */
const saving: Key = {
  keys: ['X'],
  help: 'write the ten minutes up to here to a file, for forge top --replay',
  enabled: ({ replay, snapshot }) => {
    if (replay?.file !== undefined) return `it is in ${replay.file} already`;
    return snapshot === undefined ? 'nothing was seen yet' : true;
  },
  press: (state) => ({
    state: said(state, 'writing…'),
    effect: { type: 'export', to: state.replay?.at ?? nowOf(state) },
  }),
};

/** What leads into the past, from wherever one is. */
export const timeKeys: readonly Key[] = [
  {
    keys: ['['],
    label: 'back in time',
    bar: '1 s',
    help: 'one second back: the whole screen shows that moment',
    enabled: canGoBack,
    press: (state) => step(state, -1_000),
  },
  {
    keys: [']'],
    bar: '1 s',
    help: 'one second on',
    enabled: canGoOn,
    press: (state) => step(state, 1_000),
  },
  {
    keys: ['('],
    bar: '10 s',
    help: 'ten seconds back',
    enabled: canGoBack,
    press: (state) => step(state, -10_000),
  },
  {
    keys: [')'],
    bar: '10 s',
    help: 'ten seconds on',
    enabled: canGoOn,
    press: (state) => step(state, 10_000),
  },
  {
    keys: ['{'],
    bar: 'event',
    help: 'to the event before',
    enabled: hasEvent('before'),
    press: (state) => toEvent(state, 'before'),
  },
  {
    keys: ['}'],
    bar: 'event',
    help: 'to the event after',
    enabled: hasEvent('after'),
    press: (state) => toEvent(state, 'after'),
  },
  {
    keys: ['@'],
    bar: 'go to',
    help: 'to a time: -5m, or 22:11 (UTC)',
    enabled: seen,
    press: (state) => stay({ ...state, prompt: { purpose: 'time', text: '', back: 0 } }),
  },
  {
    keys: ['L'],
    bar: 'live',
    help: 'back to now',
    enabled: ({ replay }) => {
      if (replay === undefined) return 'this is now';
      return replay.file === undefined
        ? true
        : `this is the file ${replay.file}: there is no now, q leaves it`;
    },
    press: (state) => stay(toLive(state)),
  },
  saving,
];

const isRead = ({ replay }: State): true | string =>
  replay?.tape === undefined ? 'what was recorded is still being read' : true;

const playing = (state: State): Step => {
  const { replay } = state;
  if (replay === undefined) return stay(state);
  return stay({ ...state, replay: { ...replay, isPlaying: !replay.isPlaying } });
};

const faster = (state: State): Step => {
  const { replay } = state;
  if (replay === undefined) return stay(state);
  const speed = speeds[(speeds.indexOf(replay.speed) + 1) % speeds.length] ?? 1;
  return stay(said({ ...state, replay: { ...replay, speed } }, `${speed} s a second`));
};

const toEnd = (state: State, end: 0 | 1): Step => {
  const tape = state.replay?.tape;
  return stay(tape === undefined ? state : showAt(state, bounds(tape)[end]));
};

/** What means something else as long as the screen shows the past. */
export const replayKeys: readonly Key[] = [
  {
    keys: ['space'],
    bar: 'play',
    help: 'play on from here, or stand still',
    enabled: (state) => {
      const read = isRead(state);
      return read === true && state.replay?.isPlaying !== true ? canGoOn(state) : read;
    },
    press: playing,
  },
  {
    keys: ['x'],
    bar: 'speed',
    help: 'play 1, 2, 5, 10 or 60 seconds a second',
    press: faster,
  },
  {
    keys: ['g', 'home'],
    bar: 'ends',
    help: 'the first moment that is kept',
    enabled: isRead,
    press: (state) => toEnd(state, 0),
  },
  {
    keys: ['G', 'end'],
    bar: 'ends',
    help: 'the last moment that is kept',
    enabled: isRead,
    press: (state) => toEnd(state, 1),
  },
];
