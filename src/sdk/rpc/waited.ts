const longestMs = 24 * 60 * 60 * 1_000;

/** A moment that is none, or in another age, would spoil every sum that it enters. */
export const waitedUntil = (takenAt: number, sentAt: number): number => {
  const waited = takenAt - sentAt;
  return waited > 0 && waited < longestMs ? waited : 0;
};

/** No caller waits longer than a day, whatever it says; 0 is no deadline. */
export const leftOf = (deadlineMs: number, waited: number): number =>
  deadlineMs > 0 ? Math.max(1, Math.min(deadlineMs, longestMs) - waited) : 0;
