import type { ServiceMemory } from '../memory.ts';
import { graceMs } from '../settings.ts';
import type { ServiceView } from '../view.ts';
import { demandOf, planOf, startMargin } from './plan.ts';
import { learnTail, type Tail } from './tail.ts';

/** In each second with a P99 over the objective the margin becomes smaller by this. */
const missedStep = 0.004;
/** And larger by this in each other one. */
const metStep = 0.0002;
export const margins = { least: 0.6, most: 0.95 };

/** One second more of what the load needs, and of what stands idle. */
export const follow = (
  known: ServiceMemory,
  service: ServiceView,
  sloMs: number,
): ServiceMemory => {
  const tail = tailAfter(known, service);
  const margin = marginAfter(known, service, sloMs);
  const learned = { ...known, ...(tail && { tail }), margin, demandMs: demandOf(known) };
  const plan = planOf(learned, service, sloMs);
  if (plan === undefined) return learned;
  const spare = service.workers - plan.enough;
  const spareSeconds = spare > 0 ? (known.spareSeconds ?? 0) + spare : 0;
  return { ...learned, plan, spareSeconds };
};

const tailAfter = (known: ServiceMemory, service: ServiceView): Tail | undefined => {
  const now = known.points.at(-1);
  const { queue } = known;
  if (now === undefined || queue === undefined || service.youngestMs < graceMs) return known.tail;
  return learnTail(known.tail, {
    workers: service.workers,
    load: now.cores,
    demandMs: queue.demandMs,
    p99: now.p99,
  });
};

const marginAfter = (known: ServiceMemory, service: ServiceView, sloMs: number): number => {
  const margin = known.margin ?? startMargin;
  const isKnown = service.workers < (known.plan?.needed ?? 0);
  if (isKnown || service.youngestMs < graceMs || service.latencyMs.p99 === 0) return margin;
  return service.latencyMs.p99 > sloMs
    ? Math.max(margins.least, margin - missedStep)
    : Math.min(margins.most, margin + metStep);
};
