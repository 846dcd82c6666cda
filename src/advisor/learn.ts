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
  return { ...learned, services: withQueues(view, learned, settings) };
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
  const grown: ServiceMemory = { ...old, points, split, stretches };
  if (points.length < enoughSeconds) return grown;
  const over = signalsOver({ memory: grown, thresholds, now });
  const isCalm = over.length === 0 && !isYoung && answered && isAnswering(points);
  const calm = isCalm ? learnCalm(old.calm, now.p99, split) : old.calm;
  return {
    ...grown,
    held: heldNow(old.held, over, { at, isYoung }),
    ...(calm === undefined ? {} : { calm }),
  };
};

/** No case begins while a worker warms up; one that is there already goes on. */
const heldNow = (
  old: ServiceMemory['held'],
  over: readonly Signal[],
  { at, isYoung }: { readonly at: Instant; readonly isYoung: boolean },
): ServiceMemory['held'] =>
  Object.fromEntries(
    over.flatMap((signal) => {
      const since = old[signal] ?? (isYoung ? undefined : at);
      return since === undefined ? [] : [[signal, since]];
    }),
  );

const withQueues = (view: View, memory: Memory, settings: AdvisorSettings): Memory['services'] => {
  const services: Record<string, ServiceMemory> = {};
  for (const service of view.services) {
    const known = memory.services[service.service] ?? emptyServiceMemory;
    const { critical } = thresholdsOf(settings, service.service).latencyP99;
    services[service.service] =
      known.points.length === 0
        ? known
        : follow({ ...known, queue: queueOf(service, memory) }, service, critical);
  }
  return services;
};
