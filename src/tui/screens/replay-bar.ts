import { glyphsOf } from '../glyphs.ts';
import type { Key } from '../keys/key.ts';
import { replayKeys, timeKeys } from '../keys/time-keys.ts';
import { clock } from '../rows/figures.ts';
import { draw, type Frame, type Line, lengthOf, toned } from '../rows/line.ts';
import { nowOf, type Replay } from '../state/replay.ts';
import type { State } from '../state/state.ts';
import { nameOf } from './footer.ts';

/** Which moment the screen shows, how it goes on, and the keys that lead elsewhere. */
export const replayRows = (state: State, frame: Frame): readonly string[] => {
  const { replay } = state;
  if (replay === undefined) return [];
  const line: Line[] = [placeLine(replay, nowOf(state), frame)];
  for (const group of groups) {
    const next: Line = [
      '  ',
      toned('key', group.map(({ keys: [key = ''] }) => nameOf(state, key)).join(' ')),
      ` ${group[0]?.bar ?? ''}`,
    ];
    if (lengthOf([...line.flat(), ...next]) > frame.width) break;
    line.push(next);
  }
  return [draw(line.flat(), frame)];
};

const placeLine = (replay: Replay, now: number, { theme }: Frame): Line => {
  const { rewind, play, stand } = glyphsOf(theme);
  const { at, isPlaying, speed, tape } = replay;
  return [
    toned('replay', ` ${rewind} REPLAY `),
    toned('bold', clock(new Date(at).toISOString())),
    toned('dim', `  ${agoOf(now - at)}`),
    tape === undefined ? '  being read' : `  ×${speed} ${isPlaying ? play : stand}`,
  ];
};

/** (-4m05s) */
const agoOf = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  return minutes === 0 ? `(-${rest}s)` : `(-${minutes}m${String(rest).padStart(2, '0')}s)`;
};

/** Two keys that say the same stand together. */
const grouped = (keys: readonly Key[]): readonly (readonly Key[])[] => {
  const found: Key[][] = [];
  for (const key of keys) {
    const last = found.at(-1);
    if (last?.[0]?.bar === key.bar) last?.push(key);
    else found.push([key]);
  }
  return found;
};

const [live, ...others] = timeKeys.filter(({ bar }) => bar !== undefined).toReversed();
const [play, speed, ...ends] = replayKeys;

/** As many as fit; the way back to now, and the steps, first. */
const groups = grouped(
  [
    live,
    ...others.toReversed().slice(0, 2),
    play,
    ...others.toReversed().slice(2),
    speed,
    ...ends,
  ].filter((key) => key !== undefined),
);
