import { meanOfLast } from '../history/sums.ts';
import type { Point, ServiceMemory, Writable } from '../memory/memory.ts';
import type { Queue } from '../model/queue.ts';
import { waitFactor } from '../model/wait.ts';
import { graceMs } from '../settings.ts';
import type { ServiceView } from '../view.ts';
import { demandOf, learnDemand } from './demand.ts';
import { isMixed, planOf, startMargin } from './plan.ts';
import { learnTail, lineOf, type Tail } from './tail.ts';

/** In each second with a P99 over the objective the margin becomes smaller by this, */
const missedStep = 0.003;
/** and larger by this in each other one: by chance, one of ten is over it when all is well. */
const metStep = 0.0003;
export const margins = { least: 0.6, most: 1 };

/** Adds one second more of what the load needs, and of what stands idle. */
export const follow = (known: Writable, { service, queue, sloMs }: Now): void => {
  noteChange(known, queue);
  known.queue = queue;
  const tail = tailAfter(known, service);
  const margin = marginAfter(known, service, sloMs);
  const demand = learnDemand(known.demand, demandOf(known));
  if (tail !== undefined) known.tail = tail;
  known.margin = margin;
  known.demand = demand;
  const plan = planOf(known, service, sloMs);
  if (plan === undefined) return;
  const spare = service.workers - plan.enough;
  known.plan = plan;
  known.spareSeconds = spare > 0 ? (known.spareSeconds ?? 0) + spare : 0;
};

type Now = { readonly service: ServiceView; readonly queue: Queue; readonly sloMs: number };

/** Of a change that is made in steps, what was before the first of them counts. */
const noteChange = (known: Writable, { workers }: Queue): void => {
  const now = known.points.at(-1);
  const before = known.queue;
  if (now === undefined || before === undefined || before.workers === workers) return;
  const first = isMixed(known.changed, now.at) ? known.changed?.before : before;
  known.changed = { at: now.at, before: first ?? before };
};

const tailAfter = (known: ServiceMemory, service: ServiceView): Tail | undefined => {
  const now = known.points.at(-1);
  const { queue } = known;
  if (now === undefined || queue === undefined || service.youngestMs < graceMs) return known.tail;
  if (isMixed(known.changed, now.at)) return known.tail;
  if (!isSettled(known, now, service.workers)) return known.tail;
  return learnTail(known.tail, {
    workers: service.workers,
    load: meanOfLast(known.points, 'cores', steadySeconds),
    demandMs: queue.demandMs,
    p99: now.p99,
    completions: service.completionsPerSecond,
    held: service.held,
    sliceMs2: service.slices.sumOfSquaresMs2PerSecond,
  });
};

/** While the load changes, P99 is still that of before; and one far off the line is no queue's. */
const isSettled = ({ tail, plan, demand }: ServiceMemory, now: Point, workers: number): boolean => {
  if (plan !== undefined && Math.abs(plan.load - now.cores) > now.cores * steady) return false;
  const { ms: demandMs = 0 } = demand ?? {};
  const line = tail && lineOf(tail, demandMs);
  if (line === undefined || now.cores >= workers) return true;
  const expected = line.intrinsicP99Ms + line.kappa * demandMs * waitFactor(workers, now.cores);
  return now.p99 < expected * farOff;
};

/**
 * The load of a moment is chance, and its P99 knows nothing of it: a line through such moments would
 * be flat, and tell that more workers bring nothing.
 */
const steadySeconds = 15;
const steady = 0.3;
const farOff = 2.5;

const marginAfter = (known: ServiceMemory, service: ServiceView, sloMs: number): number => {
  const margin = known.margin ?? startMargin;
  const isKnown = service.workers < (known.plan?.needed ?? 0);
  if (isKnown || service.youngestMs < graceMs || service.latencyMs.p99 === 0) return margin;
  if (service.latencyMs.p99 > sloMs) return Math.max(margins.least, margin - missedStep);
  // What is met with workers to spare says nothing of fewer.
  const hasSpare = service.workers > (known.plan?.enough ?? 0);
  return hasSpare ? margin : Math.min(margins.most, margin + metStep);
};
