import type { Evidence } from '../protocol/advice.ts';
import type { Thresholds } from '../protocol/thresholds.ts';
import type { Instant, Millis } from '../protocol/units.ts';
import { intrinsicMs, type Shares, sharesOfExcess, trusted } from './history/calm.ts';
import { arrivalRate, demandMs, neededCores } from './history/load.ts';
import { lastSeconds, mean, median } from './history/window.ts';
import type { Memory, ServiceMemory } from './memory.ts';
import { intrinsicP99, learnKappa, type Queue } from './model/queue.ts';
import { type AdvisorSettings, thresholdsOf } from './settings.ts';
import { evidenceOf } from './signals.ts';
import type { ServiceView, View } from './view.ts';

/** The machine, less what other advice of this second already takes. */
export type Machine = {
  readonly cores: number;
  readonly cpu: number;
  readonly idleCores: number;
  readonly memoryFreeMb: number;
  /** Cores that all services together ask for. */
  readonly neededCores: number;
  /** A service that is advised to leave: others wait for what that brings. */
  readonly leaving?: string;
};

/** All that a rule may look at: one service, now and lately, and its surroundings. */
export type Situation = {
  readonly service: ServiceView;
  readonly thresholds: Thresholds;
  readonly machine: Machine;
  readonly neighbours: readonly ServiceView[];
  readonly all: readonly ServiceView[];
  /** Signals held over their line; empty when there is no case. */
  readonly evidence: readonly Evidence[];
  readonly shares: Shares;
  /** Its event loop is at the critical line. */
  readonly hot: boolean;
  readonly queue: Queue;
  readonly history: ServiceMemory;
  readonly memories: Memory['services'];
  readonly at: Instant;
  /** How long a service must be idle before it is made smaller. */
  readonly idleForMs: Millis;
};

export const machineOf = (view: View, memory: Memory): Machine => {
  const cpu = memory.machineCpu ?? 0;
  const groups = new Map(view.services.map((one) => [one.group, loadOfGroup(one, memory)]));
  return {
    cores: view.machine.cores,
    cpu,
    idleCores: view.machine.cores * (1 - cpu / 100),
    memoryFreeMb: view.machine.memoryFreeBytes / 1024 ** 2,
    neededCores: [...groups.values()].reduce((sum, load) => sum + load, 0),
  };
};

/**
 * Cores that the workers of a service must carry, neighbours included. A loop with time to spare
 * measures that itself; a saturated one does only what it can, so there the arrivals count.
 */
export const loadOfGroup = (service: ServiceView, memory: Memory): number => {
  const recent = lastSeconds(memory.services[service.service]?.points ?? [], 5);
  const measured = mean(recent.map((point) => point.cores));
  if (mean(recent.map((point) => point.meanBusy)) < 85) return measured;
  const arriving = [service.service, ...service.colocatedWith].map((name) =>
    neededCores(memory.services[name]?.points ?? []),
  );
  return Math.max(
    measured,
    arriving.reduce((sum, cores) => sum + cores, 0),
  );
};

/** The queue as measured over the last seconds. */
export const queueOf = (service: ServiceView, memory: Memory): Queue => {
  const history = memory.services[service.service];
  const points = history?.points ?? [];
  const recent = lastSeconds(points, 5);
  const load = loadOfGroup(service, memory);
  const arrivals = arrivalRate(points);
  const split = history?.split ?? service.split;
  const calmP99 = trusted(history?.calm)?.p99;
  const p99 = median(recent.map((point) => point.p99));
  const intrinsicMeanMs = intrinsicMs(split);
  const seen = {
    workers: service.workers,
    load,
    demandMs: demandMs(points) || (arrivals > 0 ? (load * 1_000) / arrivals : 0),
    arrivalsPerSecond: arrivals,
    intrinsicMeanMs,
    intrinsicP99Ms: intrinsicP99({
      p99,
      loopWaitMs: split.loopWaitMs,
      intrinsicMeanMs,
      ...(calmP99 !== undefined && { calmP99 }),
    }),
    busy: mean(recent.map((point) => point.meanBusy)),
    p99,
    pending: mean(recent.map((point) => point.pending)),
  };
  return { ...seen, kappa: learnKappa(seen) };
};

type Surroundings = {
  readonly view: View;
  readonly memory: Memory;
  readonly settings: AdvisorSettings;
  readonly machine: Machine;
};

/** Undefined until the service has been seen. */
export const situationOf = (
  service: ServiceView,
  { view, memory, settings, machine }: Surroundings,
): Situation | undefined => {
  const history = memory.services[service.service];
  const now = history?.points.at(-1);
  if (history === undefined || now === undefined) return undefined;
  const thresholds = thresholdsOf(settings, service.service);
  const evidence = Object.entries(history.held)
    .map(([signal, since]) => evidenceOf(signal as Evidence['signal'], { now, thresholds }, since))
    .filter((one) => one.heldMs >= settings.holdMs);
  return {
    service,
    thresholds,
    machine,
    neighbours: view.services.filter((one) => service.colocatedWith.includes(one.service)),
    all: view.services,
    evidence,
    shares: sharesOfExcess(history.split, trusted(history.calm)),
    hot: evidence.some((one) => one.signal === 'cpu'),
    queue: history.queue ?? queueOf(service, memory),
    history,
    memories: memory.services,
    at: view.at,
    idleForMs: settings.autoExecute
      ? Math.min(60_000, thresholds.underutilized.duration)
      : thresholds.underutilized.duration,
  };
};
