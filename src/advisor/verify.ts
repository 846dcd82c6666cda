import type { Verification } from '../protocol/action.ts';
import { type Instant, seconds } from '../protocol/units.ts';
import { lastSeconds, mean, median } from './history/window.ts';
import type { Done, Memory, Outcome, ServiceMemory, Waiting } from './memory.ts';
import { expectWith } from './model/prediction.ts';
import type { View } from './view.ts';

/** The effect is read this long after the action was done: the backlog is gone by then. */
export const verdictAfterMs = seconds(30);
/** Without load there is nothing to see; so long is it waited for. */
export const verdictAtLatestMs = seconds(150);
/** With less than half the load that the action was for, better figures prove nothing. */
const comparableLoad = 0.5;
const outgrown = 1.05;
const measuredSeconds = 10;
/** Less than a fifth better is no better. */
export const better = 0.8;
/** Half the latency is a relief, also when it is not yet below its line. */
export const muchBetter = 0.5;
const outcomesKept = 200;

export type Verdict = { readonly actionId: string; readonly verification: Verification };

/** Gives their verdict to the actions whose time has come, and learns from it. */
export const settle = (
  memory: Memory,
  view: View,
): { readonly memory: Memory; readonly verified: readonly Verdict[] } => {
  const due = memory.waiting.filter((waiting) => isDue(waiting, memory, view.at));
  if (due.length === 0) return { memory, verified: [] };
  const verdicts = due.map((waiting) => ({ waiting, verdict: verdictOn(waiting, memory, view) }));
  const outcomes = verdicts.flatMap(({ waiting, verdict }) =>
    isComparable(waiting, memory) ? toOutcome(waiting, verdict, view.at) : [],
  );
  return {
    memory: {
      ...memory,
      waiting: memory.waiting.filter((waiting) => !due.includes(waiting)),
      outcomes: [...memory.outcomes, ...outcomes].slice(-outcomesKept),
    },
    verified: verdicts.map(({ verdict }) => verdict),
  };
};

/** Notes how things are now, to be compared with how they will be. */
export const toWaiting = (memory: Memory, done: Done): Waiting => {
  const victim = done.recommendation?.details['victim'];
  const measured = typeof victim === 'string' ? victim : done.service;
  const known = memory.services[measured];
  const queue = known?.queue === undefined ? {} : { queue: known.queue };
  return { ...done, measured, before: numbers(known), ...queue };
};

const numbers = (known: ServiceMemory | undefined): Waiting['before'] => {
  const recent = lastSeconds(known?.points ?? [], measuredSeconds);
  return {
    busy: mean(recent.map((point) => point.meanBusy)),
    p99: median(recent.filter(({ completions }) => completions > 0).map((point) => point.p99)),
  };
};

const isDue = (waiting: Waiting, memory: Memory, at: Instant): boolean => {
  const age = at - waiting.at;
  return age >= verdictAtLatestMs || (age >= verdictAfterMs && isComparable(waiting, memory));
};

/** Whether enough of the load is still there that the action was for. */
const isComparable = ({ measured, queue, recommendation }: Waiting, memory: Memory): boolean => {
  if (recommendation === undefined || makesSmaller(recommendation.action)) return true;
  const arrivals = memory.services[measured]?.queue?.arrivalsPerSecond ?? 0;
  const before = queue?.arrivalsPerSecond ?? 0;
  // What the load outgrew at once was no mistake, and proves nothing either.
  const isPlanned = recommendation.details['objectiveMs'] !== undefined;
  if (isPlanned && arrivals > before * outgrown) return false;
  return arrivals >= before * comparableLoad;
};

const makesSmaller = (action: Outcome['action']): boolean =>
  action === 'scale_down' || action === 'colocate';

/** Whether the action did what it was for, with the prediction made again for the load that came. */
const verdictOn = (waiting: Waiting, memory: Memory, view: View): Verdict => {
  const known = memory.services[waiting.measured];
  const after = numbers(known);
  const now = view.services.find(({ service }) => service === waiting.measured);
  const expected =
    waiting.recommendation?.action === 'scale_up' && known?.queue && now
      ? expectWith(
          {
            ...known.queue,
            intrinsicP99Ms: waiting.queue?.intrinsicP99Ms ?? known.queue.intrinsicP99Ms,
          },
          now.workers,
        )
      : undefined;
  return {
    actionId: waiting.actionId,
    verification: {
      predicted: {
        ...(expected === undefined ? {} : { cpu: expected.busy }),
        ...(expected?.p99 === undefined ? {} : { latencyP99Ms: expected.p99 }),
      },
      actual: { cpu: after.busy, latencyP99Ms: after.p99 },
      helped:
        isComparable(waiting, memory) &&
        (hasHelped(waiting, after, memory) || isBetterThanWithout(waiting, after.p99, memory)),
    },
  };
};

/**
 * A smaller layout helped when nothing got worse, and so did what nobody advised; anything else
 * must have relieved the pressure.
 */
const hasHelped = (
  { measured, recommendation, before }: Waiting,
  after: Waiting['before'],
  memory: Memory,
): boolean => {
  const objectiveMs = recommendation?.details['objectiveMs'];
  // It was to keep P99 where it was, not to make it better.
  if (objectiveMs !== undefined) return after.p99 <= Number(objectiveMs);
  const held = Object.keys(memory.services[measured]?.held ?? {});
  const isForRelief = recommendation !== undefined && !makesSmaller(recommendation.action);
  if (!isForRelief) return held.length === 0;
  const isOnlyHot = recommendation.evidence.every(({ signal }) => signal === 'cpu');
  if (isOnlyHot) return after.busy <= before.busy * better;
  const line = held.includes('latencyP99Ms') ? muchBetter : better;
  return after.p99 <= before.p99 * line;
};

/** The load may have grown since: what counts is how it would be with the workers of before. */
const isBetterThanWithout = (
  { measured, recommendation }: Waiting,
  p99: number,
  memory: Memory,
): boolean => {
  const queue = memory.services[measured]?.queue;
  if (recommendation?.details['objectiveMs'] === undefined || queue === undefined) return false;
  const without = expectWith(queue, Number(recommendation.details['currentWorkers'])).p99;
  return without === undefined || p99 <= without * better;
};

const toOutcome = (waiting: Waiting, verdict: Verdict, at: Instant): readonly Outcome[] =>
  waiting.recommendation === undefined
    ? []
    : [
        {
          service: waiting.service,
          action: waiting.recommendation.action,
          helped: verdict.verification.helped,
          at,
        },
      ];
