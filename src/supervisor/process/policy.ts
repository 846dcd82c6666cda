import { type Millis, ms, seconds } from '../../protocol/units.ts';

/** Each pause is twice the one before. */
export type Backoff = { readonly firstMs: Millis; readonly mostMs: Millis };

export const pauseMs = (attempt: number, jitter: number, { firstMs, mostMs }: Backoff): Millis => {
  const full = Math.min(mostMs, firstMs * 2 ** attempt);
  return ms(Math.max(firstMs, full * (0.5 + jitter / 2)));
};

/** How long each step may take, and how many crashes in how long a time are too many. */
export type Policy = {
  readonly startMs: Millis;
  /** All four are counted from when it is to stop: who needs less leaves the rest to what follows. */
  readonly announcedByMs: Millis;
  readonly drainedByMs: Millis;
  readonly askedByMs: Millis;
  readonly goneByMs: Millis;
  readonly backoff: Backoff;
  /** While the system has no room for another process; to ask costs little. */
  readonly denied: Backoff;
  readonly intensity: { readonly crashes: number; readonly periodMs: Millis };
};

/**
 * Everyone else learns first that it drains; then draining, `onStop` and SIGTERM share the time to
 * stop, so that the whole keeps its limit.
 */
export const policyFor = (limits: { readonly start: Millis; readonly stop: Millis }): Policy => ({
  startMs: limits.start,
  announcedByMs: ms(Math.min(200, limits.stop * 0.1)),
  drainedByMs: ms(limits.stop * 0.5),
  askedByMs: ms(limits.stop * 0.9),
  goneByMs: limits.stop,
  backoff: { firstMs: ms(100), mostMs: seconds(30) },
  denied: { firstMs: ms(100), mostMs: seconds(5) },
  intensity: { crashes: 5, periodMs: seconds(60) },
});
