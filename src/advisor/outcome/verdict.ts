import type { Verification } from '../../protocol/action.ts';
import type { AdviceAction, Interval, Prediction, Signal } from '../../protocol/advice.ts';
import type { Figures, Waiting } from '../memory/memory.ts';

/** With less than half the load that the action was for, better figures prove nothing, */
export const comparableLoad = 0.5;
/** and with so much more, worse ones do not. */
export const grownLoad = 1.2;
/** What was planned for a load holds for little more. */
export const outgrown = 1.05;
/** Less than a fifth better is no better. */
export const better = 0.8;
/** Half the latency is a relief, also when it is not yet below its line. */
export const muchBetter = 0.5;
/** A queue that was full helped when so much of what the new workers can do was taken up. */
export const takenUp = 0.5;

/** All that a verdict is reached from. */
export type Findings = {
  readonly waiting: Waiting;
  readonly after: Figures & { readonly held: readonly Signal[]; readonly workers: number };
  /** By this part P99 afterwards may be more and less, as so few requests tell it. */
  readonly byFew: number;
  readonly expected: Prediction;
};

type Judgement = Pick<Verification, 'helped' | 'inconclusive' | 'because'>;

export const makesSmaller = (action: AdviceAction | undefined): boolean =>
  action === 'scale_down' || action === 'colocate';

/**
 * A smaller layout was right when nothing got worse, and so was what nobody needed; anything else
 * must have relieved the pressure.
 */
export const judgementOn = (findings: Findings): Judgement => {
  const { waiting } = findings;
  if (waiting.overtaken !== undefined) return unknown(waiting.overtaken);
  const objectiveMs = waiting.recommendation?.details['objectiveMs'];
  const isKept = objectiveMs !== undefined;
  if (!isForRelief(waiting)) {
    return isKept ? kept(findings, Number(objectiveMs)) : harmless(findings);
  }
  if (!isLoaded(waiting, findings.after)) return unknown('less than half of the load is left');
  return isKept ? kept(findings, Number(objectiveMs)) : relief(findings);
};

const isForRelief = ({ recommendation, direction, before }: Waiting): boolean =>
  recommendation === undefined
    ? direction === 'up' && before.held.length > 0
    : !makesSmaller(recommendation.action);

/** Whether enough of the load is still there that the action was for. */
export const isLoaded = (waiting: Waiting, { completions }: Figures): boolean =>
  !isForRelief(waiting) || completions >= waiting.before.completions * comparableLoad;

const unknown = (because: string): Judgement => ({ helped: false, inconclusive: true, because });

const harmless = (findings: Findings): Judgement => {
  const { waiting, after } = findings;
  const worse = after.held.filter((signal) => !waiting.before.held.includes(signal));
  if (worse.length === 0) return { helped: true, because: `nothing got worse, ${went(after)}` };
  const named = worse.map((signal) => names[signal]).join(' and ');
  const because = `${named} went over its line: ${went(after)}`;
  // Workers that were added for a load to come are not to blame for it.
  const hasCome = waiting.direction === 'up' && hasGrown(findings, grownLoad);
  return hasCome ? unknown(`${because}, while the load grew`) : { helped: false, because };
};

const relief = (findings: Findings): Judgement => {
  const { waiting, after } = findings;
  const { before } = waiting;
  const isP99 = signalsOf(waiting).some((signal) => signal !== 'cpu' && signal !== 'errorPercent');
  const because = isP99
    ? `P99 went from ${ms(before.p99)} to ${ms(after.p99)}${against(findings.expected.latencyP99Ms, ' ms')}`
    : `CPU per worker went from ${percent(before.busy)} to ${percent(after.busy)}${against(findings.expected.cpu, ' %')}`;
  const isSure = !isP99 || isTold(findings, isFaster);
  const isBetter = isP99 ? isFaster(findings) : isCooler(findings);
  if (isSure && isBetter) return { helped: true, because };
  // Nothing was expected of it, and nothing came: no number of requests would tell more.
  const isAsSaid = !isBetter && !wasToBeFaster(findings);
  return notSeen(findings, { because, isSure: isSure || isAsSaid, times: grownLoad });
};

const wasToBeFaster = ({ waiting: { before }, expected: { latencyP99Ms } }: Findings): boolean =>
  latencyP99Ms === undefined || latencyP99Ms.to <= before.p99 * better;

/** There may be another reason why it is not seen to have helped than that it did not. */
const notSeen = (
  findings: Findings,
  { because, isSure, times }: { because: string; isSure: boolean; times: number },
): Judgement => {
  if (isTakenUp(findings)) return { helped: true, because: `${answers(findings)}: ${because}` };
  if (hasGrown(findings, times)) return unknown(`${because}, while the load grew`);
  return isSure ? { helped: false, because } : unknown(`${because}, and too few requests tell it`);
};

/** Whether a P99 of so few requests tells it: it is the same at both ends of the range. */
const isTold = (findings: Findings, is: (findings: Findings) => boolean): boolean => {
  const { after, byFew } = findings;
  const isAt = (p99: number): boolean => is({ ...findings, after: { ...after, p99 } });
  return isAt(after.p99 * (1 + byFew)) === isAt(after.p99 / (1 + byFew));
};

/** It was to keep P99 where it may be, not to make it better. */
const kept = (findings: Findings, objectiveMs: number): Judgement => {
  const { after } = findings;
  const because = `P99 is ${ms(after.p99)}, to be kept below ${ms(objectiveMs)}`;
  // Planned to come near it, it is most often within chance of it: what was kept was.
  if (after.p99 <= objectiveMs) return { helped: true, because };
  const isSure = isTold(findings, (one) => one.after.p99 <= objectiveMs);
  // What the load outgrew at once was no mistake, and proves nothing either.
  return notSeen(findings, { because, isSure, times: outgrown });
};

const hasGrown = ({ waiting: { before }, after }: Findings, times: number): boolean =>
  after.settledAt > before.settledAt * times;

const signalsOf = ({ recommendation, before }: Waiting): readonly Signal[] =>
  recommendation?.evidence.map(({ signal }) => signal) ?? before.held;

const isFaster = ({ waiting, after, expected }: Findings): boolean => {
  const { p99 } = waiting.before;
  const isAsSaid = after.p99 <= (expected.latencyP99Ms?.high ?? 0) && after.p99 < p99 * better;
  const line = after.held.includes('latencyP99Ms') ? muchBetter : better;
  return isAsSaid || after.p99 <= p99 * line;
};

/** One worker more of many brings little, but what was predicted. */
const isCooler = ({ waiting, after, expected }: Findings): boolean =>
  after.busy <= waiting.before.busy * better ||
  (after.busy < waiting.before.busy && after.busy <= (expected.cpu?.high ?? 0));

/** Workers that were full answer more of what comes now that there are more of them. */
const isTakenUp = ({ waiting, after }: Findings): boolean => {
  const { before, queue } = waiting;
  if (queue === undefined || after.workers <= queue.workers || queue.load < queue.workers) {
    return false;
  }
  const possible = Math.min(after.workers, queue.load) / queue.workers - 1;
  return after.completions >= before.completions * (1 + Math.max(0.1, possible * takenUp));
};

const answers = ({ waiting: { before }, after }: Findings): string =>
  `it answers ${after.completions.toFixed(0)} requests a second instead of ${before.completions.toFixed(0)}`;

const names: Readonly<Record<Signal, string>> = {
  cpu: 'CPU',
  latencyP99Ms: 'P99',
  pending: 'pending',
  memoryMb: 'memory',
  errorPercent: 'errors',
};

const ms = (value: number): string => `${value.toFixed(0)} ms`;
const percent = (value: number): string => `${value.toFixed(0)} %`;

const went = ({ p99, busy }: Figures): string =>
  `P99 is ${ms(p99)} and CPU per worker ${percent(busy)}`;

const against = (interval: Interval | undefined, unit: string): string =>
  interval === undefined
    ? ''
    : `, predicted ${interval.low.toFixed(0)} to ${interval.high.toFixed(0)}${unit}`;
