import { type Instant, instant, type Millis } from '../../protocol/units.ts';
import { shiftMoment } from '../signals/moment.ts';
import { shiftRuns } from '../signals/run.ts';
import type { Memory, OpenAdvice, ServiceMemory } from './memory.ts';

/**
 * The same memory on a clock that was set by so much: what was ten seconds ago still is. Without
 * it a cooldown would last an hour longer after the clock has gone back by one.
 */
export const shiftMemory = (memory: Memory, byMs: Millis): Memory => {
  const at = shiftedBy(byMs);
  return {
    ...memory,
    services: Object.fromEntries(
      Object.entries(memory.services).map(([name, known]) => [name, shiftService(known, byMs)]),
    ),
    open: memory.open.map((open) => shiftOpen(open, byMs)),
    muted: memory.muted.map((muted) => ({ ...muted, until: instant(muted.until + byMs) })),
    done: memory.done.map(at),
    waiting: memory.waiting.map(at),
    outcomes: memory.outcomes.map(at),
    dismissals: memory.dismissals.map(at),
  };
};

const shiftedBy =
  (byMs: Millis) =>
  <T extends { readonly at: Instant }>(each: T): T => ({ ...each, at: instant(each.at + byMs) });

const shiftOpen = (open: OpenAdvice, byMs: Millis): OpenAdvice => ({
  ...open,
  seenAt: instant(open.seenAt + byMs),
  ...(open.caseAt && { caseAt: instant(open.caseAt + byMs) }),
  ...(open.unknownAt && { unknownAt: instant(open.unknownAt + byMs) }),
  ...(open.turned && {
    turned: {
      ...open.turned,
      at: instant(open.turned.at + byMs),
      severeAt: instant(open.turned.severeAt + byMs),
    },
  }),
  ...(open.resizing && {
    resizing: { ...open.resizing, since: instant(open.resizing.since + byMs) },
  }),
});

const shiftService = (known: ServiceMemory, byMs: Millis): ServiceMemory => {
  const at = shiftedBy(byMs);
  return {
    ...known,
    points: known.points.map(at),
    stretches: known.stretches.map(at),
    ...(known.stretch && { stretch: at(known.stretch) }),
    ...(known.changed && { changed: at(known.changed) }),
    ...(known.runs && { runs: shiftRuns(known.runs, byMs) }),
    ...(known.fullAt && { fullAt: instant(known.fullAt + byMs) }),
    ...(known.moment && { moment: shiftMoment(known.moment, byMs) }),
    held: Object.fromEntries(
      Object.entries(known.held).map(([signal, since]) => [signal, instant(since + byMs)]),
    ),
  };
};
