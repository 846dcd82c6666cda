import { neededCores } from './history/load.ts';
import { meanOver } from './history/window.ts';
import type { Memory } from './memory.ts';
import type { Draft } from './rules/draft.ts';
import type { ServiceView, View } from './view.ts';

/** The machine, and what other advice of this second already takes of it. */
export type Machine = {
  readonly cores: number;
  /** 0–100 of all cores. */
  readonly cpu: number;
  readonly idleCores: number;
  /** Idle cores that no other advice of this second counts on. */
  readonly freeCores: number;
  /** 0–100 of all cores, used by programs that are none of this app's services. */
  readonly othersCpu: number;
  readonly memoryFreeMb: number;
  /** Cores that would have to be freed for everything to run with room to spare. */
  readonly shortfallCores: number;
  /** The service that other advice gives the idle cores to. */
  readonly takenBy?: string;
  /** The service that has the case of the full machine: the others wait for what that brings. */
  readonly fullFor?: string;
};

/** What advice is about when the machine is full of others' work. */
export const otherPrograms = 'other programs';
/** A machine busier than this share has nothing left for a burst. */
export const fullShare = 0.85;
/** From here on a loop does only what it can, and no longer shows what it would have to do. */
const saturatedBusy = 85;

/** Undefined until the machine was read twice: a first reading says nothing. */
export const machineOf = (view: View, memory: Memory): Machine | undefined => {
  const cpu = memory.machineCpu;
  if (cpu === undefined) return undefined;
  const { cores, memoryFreeBytes } = view.machine;
  const idleCores = cores * (1 - cpu / 100);
  const groups = new Map(view.services.map((one) => [one.group, one]));
  const unmet = [...groups.values()].map((one) =>
    Math.max(0, loadOfGroup(one, memory) - coresOf(one, memory)),
  );
  const own = view.services.reduce((sum, one) => sum + one.cpuPerWorker * one.workers, 0);
  const fullFor = memory.open.find(({ recommendation, about }) =>
    isOfFullMachine(recommendation.action, about),
  )?.recommendation.service;
  const wanted = cores - idleCores + unmet.reduce((sum, each) => sum + each, 0);
  return {
    cores,
    cpu,
    idleCores,
    freeCores: idleCores,
    othersCpu: Math.max(0, cpu - own / cores),
    memoryFreeMb: memoryFreeBytes / 1024 ** 2,
    shortfallCores: Math.max(0, wanted - cores * fullShare),
    ...(fullFor !== undefined && { fullFor }),
  };
};

/** Two pieces of advice never count on the same core, nor on the same full machine. */
export const reserve = (machine: Machine, { service, action, about, details }: Draft): Machine => {
  if (isOfFullMachine(action, about)) return { ...machine, fullFor: machine.fullFor ?? service };
  if (action !== 'scale_up') return machine;
  const more = Number(details['suggestedWorkers']) - Number(details['currentWorkers']);
  return { ...machine, freeCores: machine.freeCores - more, takenBy: service };
};

const isOfFullMachine = (action: Draft['action'], about: string | undefined): boolean =>
  action === 'migrate' || about === otherPrograms;

/** Over five seconds, or over half a minute when that is as much: the longer, the less by chance. */
const coresOf = (service: ServiceView, memory: Memory): number => {
  const points = memory.services[service.service]?.points ?? [];
  const now = meanOver(points, 5, ({ cores }) => cores);
  const lately = meanOver(points, 30, ({ cores }) => cores);
  return Math.abs(now - lately) <= lately * steady ? lately : now;
};

const steady = 0.2;

/**
 * Cores that the workers of a service must carry, neighbours included. A loop with time to spare
 * measures that itself; for a saturated one the arrivals count.
 */
export const loadOfGroup = (service: ServiceView, memory: Memory): number => {
  const measured = coresOf(service, memory);
  const points = memory.services[service.service]?.points ?? [];
  if (meanOver(points, 5, ({ meanBusy }) => meanBusy) < saturatedBusy) return measured;
  const arriving = [service.service, ...service.colocatedWith].map((name) =>
    neededCores(memory.services[name]?.points ?? []),
  );
  return Math.max(
    measured,
    arriving.reduce((sum, cores) => sum + cores, 0),
  );
};
