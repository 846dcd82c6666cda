import { blockedSeconds, leakOf } from '../signals.ts';
import { type Draft, noPrediction, pressureOf, type Rule, round } from './draft.ts';

type Finding = {
  readonly reason: string;
  readonly strength: number;
  readonly details: Draft['details'];
  readonly steps: readonly string[];
};

const draft = (service: string, finding: Finding): Draft => ({
  service,
  action: 'investigate',
  prediction: noPrediction,
  command: `forge explain ${service}`,
  config: {},
  ...finding,
});

/** Memory that grows steadily towards its line is a leak; more workers would leak as well. */
export const investigateLeak: Rule = ({ service, history, thresholds }) => {
  const leak = leakOf(history, thresholds);
  if (leak === undefined) return undefined;
  const minutes = round(leak.untilFullMs / 60_000);
  return draft(service.service, {
    reason: `Memory grows by ${round(leak.perSecond * 60, 1)} MB a minute and reaches ${thresholds.memory.critical} MB in ${minutes} min`,
    strength: 0.8,
    details: { growthMbPerMinute: round(leak.perSecond * 60, 1), minutesLeft: minutes },
    steps: [
      'Take two heap snapshots some minutes apart and compare them',
      'Restart the worker before it is full',
    ],
  });
};

/** A caller is not to blame for its callee, unless its own loop is full: the callee has the case. */
export const delegate: Rule = ({ shares, hot }) => {
  if (hot) return undefined;
  const [callee, share] =
    Object.entries(shares.downstream).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if (callee === undefined || share === undefined || share < 0.4) return undefined;
  return {
    action: 'scale_up',
    because: `latency is that of its dependency ${callee} (${round(share * 100)} %)`,
  };
};

/** Time that neither its code, nor the loop, nor another service explains is spent outside. */
export const investigateExternal: Rule = (situation) => {
  const { service, shares, hot, history } = situation;
  if (hot || shares.external < 0.5) return undefined;
  const percent = round(shares.external * 100);
  return draft(service.service, {
    reason: `${pressureOf(situation)} while its CPU is ${round(service.cpuPerWorker)} %: ${percent} % of the extra time is spent waiting outside the app`,
    strength: shares.external,
    details: { externalMs: round(history.split.externalMs, 1), externalPercent: percent },
    steps: [
      'Look at the slowest database or HTTP call of this service',
      'Check the size of its connection pool, an index, or a cache',
    ],
  });
};

/** One long slice now and then hides from P99 while there are other workers: tell it anyway. */
export const investigateBlocked: Rule = ({ service, history, hot }) => {
  const seconds = blockedSeconds(history.points);
  const isShared = service.colocatedWith.length > 0;
  if (hot || isShared || seconds < 3) return undefined;
  const longest = Math.max(...history.points.slice(-60).map((point) => point.maxSliceMs));
  return draft(service.service, {
    reason: `Its event loop was blocked for up to ${round(longest)} ms (more than 100 ms in ${seconds} of the last 60 s)`,
    strength: Math.min(1, seconds / 10),
    details: { longestSliceMs: round(longest), blockedSeconds: seconds },
    steps: [
      'Find the synchronous work in its handlers',
      'Cut it into pieces, or move it to a service of its own',
    ],
  });
};
