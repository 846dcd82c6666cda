import type { Snapshot } from '../../protocol/control/messages.ts';
import { type State, said, showing } from './state.ts';
import { bounds, momentAt, snapshotAt, type Tape } from './tape.ts';

export const speeds = [1, 2, 5, 10, 60] as const;
export type Speed = (typeof speeds)[number];

/** The screen shows a moment of the past. */
export type Replay = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Absent while it is being read. */
  readonly tape?: Tape;
  /** It was read from this file, and there is nothing live to go back to. */
  readonly file?: string;
  readonly isPlaying: boolean;
  readonly speed: Speed;
  /** What has come from the supervisor meanwhile, for the way back. */
  readonly live?: Snapshot;
};

/** Up to now, as the supervisor's own clock has it. */
export const nowOf = ({ replay, snapshot }: State): number => {
  if (replay?.tape !== undefined && replay.live === undefined) return bounds(replay.tape)[1];
  return Date.parse((replay?.live ?? snapshot)?.status.at ?? '');
};

const clamped = (tape: Tape, at: number): number => {
  const [first, last] = bounds(tape);
  return Math.max(first, Math.min(last, at));
};

/** The screen at a moment; the nearest one when it lies outside of what was recorded. */
export const showAt = (state: State, at: number): State => {
  const { replay, logs } = state;
  if (replay === undefined) return state;
  const { tape } = replay;
  if (tape === undefined) return { ...state, replay: { ...replay, at } };
  const within = clamped(tape, at);
  return showing(
    { ...state, replay: { ...replay, at: within }, logs: { ...logs, until: within } },
    snapshotAt(tape, within),
  );
};

/** Leaves what comes from the supervisor; the tape follows. */
export const lookBack = (state: State, at: number): State => {
  const { snapshot, logs } = state;
  return {
    ...state,
    isFrozen: false,
    logs: { ...logs, until: at },
    replay: { at, isPlaying: false, speed: 1, ...(snapshot && { live: snapshot }) },
  };
};

export const withTape = (state: State, tape: Tape): State => {
  const { replay } = state;
  if (replay === undefined) return state;
  if (tape.history.at.length === 0) return said(toLive(state), 'nothing was recorded yet');
  return showAt({ ...state, replay: { ...replay, tape } }, replay.at);
};

export const toLive = (state: State): State => {
  const { replay, logs, ...rest } = state;
  const { until: _until, ...now } = logs;
  const next: State = { ...rest, logs: { ...now, lines: [], behind: 0 } };
  return replay?.live === undefined ? next : showing(next, replay.live);
};

/** Where nothing was recorded there is nothing to see: a step goes over it. */
export const stepped = (state: State, byMs: number): State => {
  const { replay } = state;
  if (replay === undefined) return state;
  const target = replay.at + byMs;
  const { tape } = replay;
  if (tape === undefined) return showAt(state, target);
  const { at: times, stepMs } = tape.history;
  const moment = momentAt(tape, target);
  const before = times[moment] ?? target;
  if (target - before < 2 * stepMs) return showAt(state, target);
  return showAt(state, byMs < 0 ? before : (times[moment + 1] ?? before));
};

/** A second on; at the end it stands still. */
export const played = (state: State): State => {
  const next = stepped(state, 1_000);
  const { replay } = next;
  if (replay === undefined || replay.at !== state.replay?.at) return next;
  return { ...next, replay: { ...replay, isPlaying: false } };
};

/** When the event before or after the moment happened. */
export const eventBeside = (state: State, way: 'before' | 'after'): number | undefined => {
  const { replay, snapshot } = state;
  if (replay === undefined) {
    const now = nowOf(state);
    const times = (snapshot?.events ?? []).map((event) => Date.parse(event.at));
    return way === 'before' ? times.findLast((at) => at < now) : undefined;
  }
  const { tape, at } = replay;
  const [first, last] = tape === undefined ? [0, 0] : bounds(tape);
  const times = (tape?.events ?? [])
    .map((event) => event.at)
    .filter((time) => time >= first && time <= last);
  return way === 'before' ? times.findLast((time) => time < at) : times.find((time) => time > at);
};

const minuteMs = 60_000;

/** `-5m`, `-1m30s`, `22:11` or `22:11:05` (UTC, the last time that it was so); else undefined. */
export const parseTime = (text: string, now: number): number | undefined => {
  const ago = /^-(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text.trim());
  if (ago !== null) {
    const [hours = 0, minutes = 0, seconds = 0] = ago.slice(1).map((part) => Number(part ?? 0));
    return now - hours * 60 * minuteMs - minutes * minuteMs - seconds * 1_000;
  }
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text.trim());
  if (clock === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = clock.slice(1).map((part) => Number(part ?? 0));
  const day = new Date(now);
  const at = day.setUTCHours(hours, minutes, seconds, 0);
  return at > now ? at - 24 * 60 * minuteMs : at;
};
