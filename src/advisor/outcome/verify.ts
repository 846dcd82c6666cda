import type { Verification } from '../../protocol/action.ts';
import type { Interval, Prediction, Recommendation, Signal } from '../../protocol/advice.ts';
import { type Instant, instant, type Millis, seconds } from '../../protocol/units.ts';
import { lastSeconds, mean, median, since } from '../history/window.ts';
import type {
  Done,
  Figures,
  Memory,
  Outcome,
  Point,
  ServiceMemory,
  Tried,
  Waiting,
} from '../memory/memory.ts';
import type { Queue } from '../model/queue.ts';
import { spreadByFew } from '../model/spread.ts';
import type { AdvisorSettings } from '../settings.ts';
import { type View, viewWindowMs } from '../view.ts';
import { expectedOf } from './expected.ts';
import { type Findings, isLoaded, judgementOn } from './verdict.ts';

/** The effect is read this long after the action was done: the backlog is gone by then, */
export const verdictAfterMs = seconds(30);
/** or the cooldown when that is shorter, down to this; */
export const verdictSoonestMs = seconds(5);
/** and up to so many times as long after, so that a P99 is that of enough answers. */
export const verdictPatience = 2;
export const enoughAnswered = 300;
/** Without load there is nothing to see; so long is it waited for. */
export const verdictAtLatestMs = seconds(150);
/** What was before is what was under pressure, of so much at most, */
const secondsBefore = 10;
/** and so much at least, as one second tells little. */
const fewestSecondsBefore = 3;
const secondsAfter = 20;
const secondsOfDemand = 60;
/** More than this is no chance: what a request needs has changed. */
const changedDemand = 0.25;
/** So much of what was answered came from what had piled up, and it is being worked off. */
const drained = 0.05;
const outcomesKept = 500;
/** Between the first of its workers that changes and its end an action takes no longer. */
const actionsTakeMs = seconds(60);

export type Verdict = { readonly actionId: string; readonly verification: Verification };

/** Gives their verdict to the actions whose time has come, and learns from it. */
export const settle = (
  memory: Memory,
  view: View,
  { cooldownMs }: Pick<AdvisorSettings, 'cooldownMs'>,
): { readonly memory: Memory; readonly verified: readonly Verdict[] } => {
  const due = memory.waiting.filter((waiting) =>
    isDue(waiting, memory, { at: view.at, cooldownMs }),
  );
  if (due.length === 0) return { memory, verified: [] };
  const judged = due.map((waiting) => {
    const findings = findingsOn(waiting, memory, view);
    return { waiting, findings, verification: verificationOf(findings) };
  });
  const outcomes = judged.flatMap(({ waiting, findings, verification }) =>
    toOutcome(waiting, { findings, verification, at: view.at }),
  );
  return {
    memory: {
      ...memory,
      waiting: memory.waiting.filter((waiting) => !due.includes(waiting)),
      outcomes: [...memory.outcomes, ...outcomes].slice(-outcomesKept),
    },
    verified: judged.map(({ waiting: { actionId }, verification }) => ({ actionId, verification })),
  };
};

/** Notes how things are now, to be compared with how they will be. */
export const toWaiting = (memory: Memory, done: Done): Waiting => {
  const victim = done.recommendation?.details['victim'];
  const measured = typeof victim === 'string' ? victim : done.service;
  const known = memory.services[measured];
  const queue = known && queueBefore(known, done);
  const points = known?.points ?? [];
  const coreMs = coreMsOf(points);
  const before = { ...figuresOf(points, secondsPressed(known, done.at)), held: heldBy(known) };
  return {
    ...done,
    measured,
    before,
    ...(queue !== undefined && { queue }),
    ...(coreMs !== undefined && { coreMs }),
  };
};

/** Somebody may act seconds after it began: what was calm before is nothing to compare with. */
const secondsPressed = (known: ServiceMemory | undefined, at: Instant): number => {
  const began = Object.values(known?.held ?? {});
  if (began.length === 0) return secondsBefore;
  const pressedMs = at - Math.min(...began);
  return Math.max(fewestSecondsBefore, Math.min(secondsBefore, Math.ceil(pressedMs / 1_000)));
};

/**
 * When an action is done, views have shown for a while what it changed, beside what was before: a
 * P99 of the old number of workers, and the new number.
 */
const queueBefore = (
  { queue, changed }: ServiceMemory,
  { at, direction }: Done,
): Queue | undefined => {
  if (queue === undefined || changed === undefined || at - changed.at > actionsTakeMs) return queue;
  const way = Math.sign(queue.workers - changed.before.workers);
  const isOwn = (direction === 'up' && way > 0) || (direction === 'down' && way < 0);
  return isOwn ? changed.before : queue;
};

/** Over a minute, if requests have not just become heavier or lighter. */
const coreMsOf = (points: readonly Point[]): number | undefined => {
  const long = coreMsOver(points, secondsOfDemand);
  const short = coreMsOver(points, secondsBefore);
  if (long === undefined || short === undefined) return undefined;
  return Math.abs(short / long - 1) > changedDemand ? short : long;
};

const coreMsOver = (points: readonly Point[], seconds: number): number | undefined => {
  const recent = lastSeconds(points, seconds);
  const answered = recent.reduce((sum, { completions }) => sum + completions, 0);
  const cores = recent.reduce((sum, point) => sum + point.cores, 0);
  return answered > 0 && cores > 0 ? (cores * 1_000) / answered : undefined;
};

/** What waits for its verdict when something else is done to the same service. */
export const overtakenBy = (waiting: readonly Waiting[], done: Done): readonly Waiting[] =>
  waiting.map((one) => {
    if (one.service !== done.service && one.measured !== done.service) return one;
    const overtaken =
      one.actionId === done.undoes
        ? 'it was taken back before it could be measured'
        : 'another action on the service came before it could be measured';
    return { ...one, overtaken };
  });

const figuresOf = (points: readonly Point[], seconds = secondsAfter): Figures => {
  const recent = lastSeconds(points, seconds);
  const answered = recent.filter(({ completions }) => completions > 0);
  return {
    seconds: recent.length,
    busy: mean(recent.map((point) => point.meanBusy)),
    p99: median(answered.map((point) => point.p99)),
    completions: answeredIn(recent),
    settledAt: answeredIn(recent.slice(Math.floor(recent.length / 2))),
  };
};

const answeredIn = (points: readonly Point[]): number =>
  mean(points.map(({ completions }) => completions));

/** The keys of `held` are signals; `Object.keys` forgets that. */
const heldBy = (known: ServiceMemory | undefined): readonly Signal[] =>
  Object.keys(known?.held ?? {}) as readonly Signal[];

type Now = { readonly at: Instant; readonly cooldownMs: Millis };

/** Who may act again sooner must know sooner. */
const verdictAfter = (cooldownMs: Millis): number =>
  Math.max(verdictSoonestMs, Math.min(verdictAfterMs, cooldownMs));

const isDue = (waiting: Waiting, memory: Memory, { at, cooldownMs }: Now): boolean => {
  const age = at - waiting.at;
  if (waiting.overtaken !== undefined || age >= verdictAtLatestMs) return true;
  const known = memory.services[waiting.measured];
  const seen = since(known?.points ?? [], waiting.at);
  if (age < verdictAfter(cooldownMs) || !isLoaded(waiting, figuresOf(seen))) return false;
  if (age >= verdictAfter(cooldownMs) * verdictPatience) return true;
  const answered = seen.reduce((sum, { completions }) => sum + completions, 0);
  return answered >= enoughAnswered && !isDraining(seen);
};

/** From here on a view shows nothing of the time before. */
const clearOf = ({ at }: Waiting): Instant => instant(at + viewWindowMs);

/** While what has piled up is worked off, P99 is that of the time before: in all that is compared. */
const isDraining = (points: readonly Point[]): boolean => {
  const recent = lastSeconds(points, secondsAfter);
  const fell = (recent.at(0)?.pending ?? 0) - (recent.at(-1)?.pending ?? 0);
  return fell > drained * recent.reduce((sum, { completions }) => sum + completions, 0);
};

const findingsOn = (waiting: Waiting, memory: Memory, view: View): Findings => {
  const known = memory.services[waiting.measured];
  const workers = view.services.find(({ service }) => service === waiting.measured)?.workers ?? 0;
  const figures = figuresOf(since(known?.points ?? [], clearOf(waiting)));
  return {
    waiting,
    after: { ...figures, held: heldBy(known), workers },
    byFew: byFewOf(waiting, figures),
    expected: waiting.overtaken === undefined ? expectedOf(waiting, figures, workers) : {},
  };
};

/** What a P99 is off by, as fewer requests tell it than a verdict waits for; not when nobody knows how unequal they are. */
const byFewOf = ({ queue }: Waiting, { completions, seconds: measured }: Figures): number => {
  if (queue === undefined || completions * measured >= enoughAnswered) return 0;
  return spreadByFew({ ...queue, arrivalsPerSecond: completions }, measured);
};

const verificationOf = (findings: Findings): Verification => {
  const { after, expected } = findings;
  const { cpu, latencyP99Ms } = expected;
  return {
    predicted: {
      ...(cpu !== undefined && { cpu: cpu.to }),
      ...(latencyP99Ms !== undefined && { latencyP99Ms: latencyP99Ms.to }),
    },
    range: {
      ...(cpu !== undefined && { cpu: rangeOf(cpu) }),
      ...(latencyP99Ms !== undefined && { latencyP99Ms: rangeOf(latencyP99Ms) }),
    },
    actual: { cpu: after.busy, latencyP99Ms: after.p99 },
    ...judgementOn(findings),
  };
};

const rangeOf = ({ low, high }: Interval) => ({ low, high });

type Judged = {
  readonly findings: Findings;
  readonly verification: Verification;
  readonly at: Instant;
};

/** Nothing is learned from what cannot be told, nor from a reload. */
const toOutcome = (waiting: Waiting, judged: Judged): readonly Outcome[] => {
  const { recommendation, service } = waiting;
  const { findings, verification, at } = judged;
  const action = recommendation?.action ?? waiting.action;
  if (action === undefined || waiting.undoes !== undefined || verification.inconclusive) return [];
  return [
    {
      service,
      action,
      helped: verification.helped,
      at,
      ...(recommendation === undefined ? { isOwnIdea: true } : followedAs(recommendation)),
      ...triedOf(findings),
    },
  ];
};

const followedAs = ({ confidence, record }: Recommendation) => ({
  confidence,
  ...(record !== undefined && { strength: record.strength }),
});

const triedOf = ({ expected, after }: Findings): Pick<Outcome, 'cpu' | 'latencyP99Ms'> => ({
  ...tried('cpu', expected, after.busy),
  ...tried('latencyP99Ms', expected, after.p99),
});

const tried = (
  signal: 'cpu' | 'latencyP99Ms',
  expected: Prediction,
  actual: number,
): Readonly<Record<string, Tried>> => {
  const interval = expected[signal];
  if (interval === undefined) return {};
  const { to: predicted, low, high } = interval;
  return { [signal]: { predicted, low, high, actual } };
};
