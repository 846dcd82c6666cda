import type { Verification } from '../protocol/action.ts';
import { type Instant, seconds } from '../protocol/units.ts';
import { lastSeconds, mean, median } from './history/window.ts';
import type { Done, Memory, Outcome, ServiceMemory, Waiting } from './memory.ts';
import { expectWith } from './model/prediction.ts';
import type { View } from './view.ts';

/** The effect is read this long after the action was done: the backlog is gone by then. */
const verdictAfterMs = seconds(30);
const measuredSeconds = 10;
/** Less than a fifth better is no better. */
const better = 0.8;
/** Half the latency is a relief, also when it is not yet below its line. */
const muchBetter = 0.5;

export type Verdict = { readonly actionId: string; readonly verification: Verification };

const numbers = (known: ServiceMemory | undefined): Waiting['before'] => {
  const recent = lastSeconds(known?.points ?? [], measuredSeconds);
  return {
    busy: mean(recent.map((point) => point.meanBusy)),
    p99: median(recent.map((point) => point.p99)),
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

export const isDue = (waiting: Waiting, at: Instant): boolean => at - waiting.at >= verdictAfterMs;

/** Whether the action did what it was for, with the prediction made again for the load that came. */
export const verdictOn = (waiting: Waiting, memory: Memory, view: View): Verdict => {
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
      helped: hasHelped(waiting, after, memory),
    },
  };
};

/** A smaller layout helped when nothing got worse; anything else must have relieved the pressure. */
const hasHelped = (waiting: Waiting, after: Waiting['before'], memory: Memory): boolean => {
  const held = Object.keys(memory.services[waiting.measured]?.held ?? {});
  const action = waiting.recommendation?.action;
  if (action === 'scale_down' || action === 'colocate') return held.length === 0;
  const line = held.includes('latencyP99Ms') ? muchBetter : better;
  return after.p99 <= waiting.before.p99 * line;
};

export const toOutcome = (waiting: Waiting, verdict: Verdict, at: Instant): readonly Outcome[] =>
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
