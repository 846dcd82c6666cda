import { sharesOf } from '../situation.ts';
import type { ServiceView } from '../view.ts';
import { mayBlame } from './circle.ts';
import { type Rule, round } from './draft.ts';

/** So much of the extra time is the callee's: the case is the callee's as well. */
export const calleeShare = 0.4;

/**
 * A caller is not to blame for its callee, unless its own loop is full. Decides nothing about the
 * callee, which has a case of its own.
 */
export const delegate: Rule = (situation) => {
  if (situation.hot || !situation.slow) return undefined;
  const { service, services } = situation;
  const [callee, share] =
    Object.entries(sharesOf(situation).downstream).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if (callee === undefined || share === undefined || share < calleeShare) return undefined;
  const seen = services.get(callee);
  if (seen !== undefined && !mayBlame(service, services, ownMsPerSecond)(seen)) return undefined;
  return {
    action: 'scale_up',
    because: `latency is that of its dependency ${callee} (${round(share * 100)} %)`,
  };
};

/** Its requests' time that no service has that it calls. */
const ownMsPerSecond = ({ split, completionsPerSecond }: ServiceView): number =>
  (split.cpuMs + split.loopWaitMs + split.externalMs) * completionsPerSecond;
