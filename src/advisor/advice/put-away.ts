import { type Instant, instant, type Millis } from '../../protocol/units.ts';
import type { Memory } from '../memory/memory.ts';
import { dismissedForMs } from '../settings.ts';

export type PuttingAway = {
  readonly at: Instant;
  readonly forMs?: Millis;
  readonly by?: string;
  readonly why?: string;
  /** Not now, which says nothing against it. */
  readonly isSnoozed?: boolean;
};

const dismissalsKept = 200;

/** Not again for a while, unless it becomes worse; and its rule is told that it was found wrong. */
export const putAway = (memory: Memory, id: string, given: PuttingAway): Memory => {
  const open = memory.open.find(({ recommendation }) => recommendation.id === id);
  if (open === undefined) return memory;
  const { service, action, severity } = open.recommendation;
  const { at, forMs = dismissedForMs, by, why } = given;
  const muted = {
    service,
    action,
    about: open.about,
    severity,
    until: instant(at + forMs),
    ...(by !== undefined && { by }),
    ...(why !== undefined && { why }),
  };
  const dismissal = { service, action, at, by: by ?? '', why: why ?? '' };
  return {
    ...memory,
    open: memory.open.filter((each) => each !== open),
    muted: [...memory.muted, muted],
    dismissals: given.isSnoozed
      ? memory.dismissals
      : [...memory.dismissals, dismissal].slice(-dismissalsKept),
  };
};
