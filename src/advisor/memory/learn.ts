import type { Signal } from '../../protocol/advice.ts';
import type { Thresholds } from '../../protocol/thresholds.ts';
import type { Instant } from '../../protocol/units.ts';
import { follow } from '../capacity/follow.ts';
import { blendSplit, learnCalm } from '../history/calm.ts';
import { leakOf } from '../history/leak.ts';
import { addPoint, toPoint } from '../history/point.ts';
import { addToStretches } from '../history/stretch.ts';
import { type AdvisorSettings, enoughSeconds, graceMs, thresholdsOf } from '../settings.ts';
import { burningIn } from '../signals/burning.ts';
import { fullAfter, type MachineNow } from '../signals/full.ts';
import { momentAfter } from '../signals/moment.ts';
import { runsAfter } from '../signals/run.ts';
import { isAnswering, signalsOver } from '../signals/signals.ts';
import { queueOf } from '../situation.ts';
import { ownCoresIn, type ServiceView, type View } from '../view.ts';
import { emptyServiceMemory, type Memory, type ServiceMemory, type Writable } from './memory.ts';

/** How fast the split of a request's time follows the last seconds. */
const splitWeight = 0.3;
const machineWeight = 0.4;
const machineSeconds = 3;

/** Adds one second to what is known of every service and of the machine. */
export const learn = (memory: Memory, view: View, settings: AdvisorSettings): Memory => {
  const { cpu, throttled: share = 0 } = view.machine;
  const read = cpu === undefined ? undefined : readingAfter(memory, cpu);
  const known = { memory, settings };
  const services: Record<string, Writable> = {};
  for (const service of view.services) {
    services[service.service] = remember(service, view.at, known);
  }
  const throttled = evened(memory.throttled, share);
  const learned: Memory = { ...memory, ...read, throttled, services };
  const machine = read === undefined ? undefined : machineNow(view, read.machineCpu);
  // In the same copies: a queue depends on what others were seen to do, and not on their queues.
  for (const service of view.services) {
    const own = services[service.service];
    if (own !== undefined && own.points.length > 0) {
      if (machine !== undefined) crowd(own, machine);
      const { critical } = thresholdsOf(settings, service.service).latencyP99;
      follow(own, { service, queue: queueOf(service, own, learned), sloMs: critical });
    }
  }
  return learned;
};

/**
 * What comes and goes by the second is evened out, but what has lasted is believed: it is no more
 * than in the busiest, and no less than in the least busy of the last seconds.
 */
const readingAfter = (
  { machineCpu: before, lastCpus = [] }: Memory,
  cpu: number,
): Required<Pick<Memory, 'machineCpu' | 'lastCpus'>> => {
  const last = [...lastCpus.slice(1 - machineSeconds), cpu];
  const even = evened(before, cpu);
  const machineCpu =
    last.length < machineSeconds
      ? even
      : Math.min(Math.max(even, Math.min(...last)), Math.max(...last));
  return { machineCpu, lastCpus: last };
};

const evened = (before: number | undefined, now: number): number =>
  before === undefined ? now : before + machineWeight * (now - before);

const machineNow = (view: View, machineCpu: number): MachineNow => {
  const { cores } = view.machine;
  return { cores, idleCores: cores * (1 - machineCpu / 100), ownCores: ownCoresIn(view) };
};

const crowd = (own: Writable, machine: MachineNow): void => {
  const fullAt = fullAfter(own.fullAt, own.points, machine);
  if (fullAt === undefined) delete own.fullAt;
  else own.fullAt = fullAt;
};

type Known = { readonly memory: Memory; readonly settings: AdvisorSettings };

const remember = (service: ServiceView, at: Instant, { memory, settings }: Known): Writable => {
  const old = memory.services[service.service] ?? emptyServiceMemory;
  const isYoung = service.youngestMs < graceMs;
  if (service.workers === 0 || (isYoung && old.points.length === 0)) return { ...old };
  const thresholds = thresholdsOf(settings, service.service);
  const now = toPoint(at, service, old.points.at(-1));
  const points = addPoint(old.points, now);
  const answered = service.completionsPerSecond > 0;
  const split = answered ? blendSplit(old.split, service.split, splitWeight) : old.split;
  const seen: Writable = { ...old, points, split };
  addStretch(seen, thresholds);
  if (!isYoung) seen.runs = runsAfter(old.runs, service, at);
  if (points.length < enoughSeconds) return seen;
  const over = signalsOver({ memory: seen, thresholds, now });
  if (over.length === 0 && !isYoung && answered && isAnswering(points)) {
    seen.calm = learnCalm(old.calm, now.p99, split);
  }
  seen.held = heldNow(old.held, over, { at, isYoung });
  return burnt(seen, thresholds, { at, isYoung });
};

type When = { readonly at: Instant; readonly isYoung: boolean };

/** What burns now, and whether it may come again. */
const burnt = (seen: Writable, thresholds: Thresholds, { at, isYoung }: When): Writable => {
  const burns = isYoung ? [] : burningIn(seen, thresholds);
  delete seen.burns;
  if (burns.length > 0) seen.burns = burns;
  if (burns.length === 0 && !isHeld(seen)) return seen;
  seen.moment = momentAfter(seen.moment, { at, isBurning: burns.length > 0 });
  return seen;
};

/** Memory does not come and go. */
const isHeld = ({ held }: ServiceMemory): boolean => {
  for (const signal in held) if (signal !== 'memoryMb') return true;
  return false;
};

/** What leaks is looked for when a stretch is over. */
const addStretch = (seen: Writable, thresholds: Thresholds): void => {
  const { stretches } = seen;
  const added = addToStretches(seen, seen.points, thresholds.underutilized.duration);
  seen.stretches = added.stretches;
  if (added.stretch !== undefined) seen.stretch = added.stretch;
  if (added.stretches === stretches) return;
  const leak = leakOf(added.stretches, thresholds, seen.leak);
  if (leak === undefined) delete seen.leak;
  else seen.leak = leak;
};

/** No case begins while a worker warms up; one that is there already goes on. */
const heldNow = (
  old: ServiceMemory['held'],
  over: readonly Signal[],
  { at, isYoung }: When,
): ServiceMemory['held'] =>
  over.length === 0
    ? emptyServiceMemory.held
    : Object.fromEntries(
        over.flatMap((signal) => {
          const since = old[signal] ?? (isYoung ? undefined : at);
          return since === undefined ? [] : [[signal, since]];
        }),
      );
