import type { Split } from '../memory/memory.ts';
import type { ServiceView } from '../view.ts';
import type { Shares } from './calm.ts';

/** Fewer answers than this part of what comes tell nothing of those that wait. */
const answeredShare = 0.1;

export const isUnanswered = ({
  pending,
  arrivalsPerSecond,
  completionsPerSecond,
}: ServiceView): boolean =>
  pending > 0 && completionsPerSecond <= arrivalsPerSecond * answeredShare;

type Around = {
  readonly service: ServiceView;
  readonly services: ReadonlyMap<string, ServiceView>;
  /** Of the last requests that were answered. */
  readonly split: Split;
};

/**
 * Where requests are that are not answered: time is measured when it is over, and until then theirs
 * is seen nowhere. As many as wait in a callee are there; the others are outside, as long as its own
 * loop has time for them.
 */
export const sharesOfUnanswered = ({ service, services, split }: Around): Shares => {
  let elsewhere = 1;
  const downstream: Record<string, number> = {};
  for (const callee of Object.keys(split.downstreamMs)) {
    const waiting = services.get(callee)?.pending ?? 0;
    const share = Math.min(elsewhere, waiting / service.pending);
    downstream[callee] = share;
    elsewhere -= share;
  }
  return { cpu: 0, loopWait: 0, external: elsewhere, downstream };
};
