import type { Signal } from '../protocol/advice.ts';
import type { Instant } from '../protocol/units.ts';
import { follow } from './capacity/follow.ts';
import { blendSplit, learnCalm } from './history/calm.ts';
import { addPoint, addToStretches, toPoint } from './history/window.ts';
import { emptyServiceMemory, type Memory, type ServiceMemory } from './memory.ts';
import { type AdvisorSettings, enoughSeconds, graceMs, thresholdsOf } from './settings.ts';
import { isAnswering, signalsOver } from './signals.ts';
import { queueOf } from './situation.ts';
import type { ServiceView, View } from './view.ts';

/** How fast the split of a request's time follows the last seconds. */
const splitWeight = 0.3;
const machineWeight = 0.4;

/** Adds one second to what is known of every service and of the machine. */
export const learn = (memory: Memory, view: View, settings: AdvisorSettings): Memory => {
  const { cpu } = view.machine;
  const before = memory.machineCpu;
  const machineCpu =
    cpu === undefined || before === undefined ? cpu : before + machineWeight * (cpu - before);
  const known = { memory, settings };
  const services: Record<string, ServiceMemory> = {};
  for (const service of view.services) {
    services[service.service] = remember(service, view.at, known);
  }
  const learned: Memory = {
    ...memory,
    ...(machineCpu === undefined ? {} : { machineCpu }),
    services,
  };
  // In the same record: a queue depends on what others were seen to do, and not on their queues.
  for (const service of view.services) {
    services[service.service] = withQueue(service, learned, settings);
  }
  return learned;
};

type Known = { readonly memory: Memory; readonly settings: AdvisorSettings };

const remember = (
  service: ServiceView,
  at: Instant,
  { memory, settings }: Known,
): ServiceMemory => {
  const old = memory.services[service.service] ?? emptyServiceMemory;
  const isYoung = service.youngestMs < graceMs;
  if (service.workers === 0 || (isYoung && old.points.length === 0)) return old;
  const thresholds = thresholdsOf(settings, service.service);
  const now = toPoint(at, service, old.points.at(-1));
  const points = addPoint(old.points, now);
  const answered = service.completionsPerSecond > 0;
  const split = answered ? blendSplit(old.split, service.split, splitWeight) : old.split;
  const stretches = addToStretches(old.stretches, points, thresholds.underutilized.duration);
  if (points.length < enoughSeconds) return { ...old, points, split, stretches };
  const { held, calm: calmBefore } = old;
  const seen = { points, split, stretches, held, ...(calmBefore && { calm: calmBefore }) };
  const over = signalsOver({ memory: seen, thresholds, now });
  const isCalm = over.length === 0 && !isYoung && answered && isAnswering(points);
  const calm = isCalm ? learnCalm(calmBefore, now.p99, split) : calmBefore;
  const heldFrom = heldNow(held, over, { at, isYoung });
  return calm === undefined
    ? { ...old, points, split, stretches, held: heldFrom }
    : { ...old, points, split, stretches, held: heldFrom, calm };
};

/** No case begins while a worker warms up; one that is there already goes on. */
const heldNow = (
  old: ServiceMemory['held'],
  over: readonly Signal[],
  { at, isYoung }: { readonly at: Instant; readonly isYoung: boolean },
): ServiceMemory['held'] =>
  over.length === 0
    ? emptyServiceMemory.held
    : Object.fromEntries(
        over.flatMap((signal) => {
          const since = old[signal] ?? (isYoung ? undefined : at);
          return since === undefined ? [] : [[signal, since]];
        }),
      );

const withQueue = (
  service: ServiceView,
  memory: Memory,
  settings: AdvisorSettings,
): ServiceMemory => {
  const known = memory.services[service.service] ?? emptyServiceMemory;
  if (known.points.length === 0) return known;
  const { critical } = thresholdsOf(settings, service.service).latencyP99;
  return follow(known, { service, queue: queueOf(service, memory), sloMs: critical });
};
