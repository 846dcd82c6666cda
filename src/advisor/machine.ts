import { neededCores } from './history/load.ts';
import { meanOfLast } from './history/sums.ts';
import { meanOver } from './history/window.ts';
import type { Memory, OpenAdvice, Point } from './memory/memory.ts';
import type { Draft } from './rules/draft.ts';
import { offShare } from './settings.ts';
import { ownCoresIn, type ServiceView, type View } from './view.ts';

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
  /** So much of what is used that a full machine is their doing. */
  readonly areOthersMost: boolean;
  readonly memoryFreeMb: number;
  /** Part of the periods of its CPU quota in which that is used up, 0–1; 0 without one. */
  readonly throttled: number;
  /** Cores that would have to be freed for everything to run with room to spare. */
  readonly shortfallCores: number;
  /** The service that other advice gives the idle cores to. */
  readonly takenBy?: string;
  /** The service that has the case of the full machine: the others wait for what that brings. */
  readonly fullFor?: string;
};

/** What advice is about when the machine is full of others' work. */
export const otherPrograms = 'other programs';
/** Others use so much of what is used of the machine. */
export const othersShare = 0.5;
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
  const unmet = unmetIn(view, memory);
  const told = memory.open.find(({ recommendation, about }) =>
    isOfFullMachine(recommendation.action, about),
  );
  const fullFor = told?.recommendation.service;
  const othersCpu = Math.max(0, cpu - (ownCoresIn(view) / cores) * 100);
  const wanted = cores - idleCores + unmet;
  return {
    cores,
    cpu,
    idleCores,
    freeCores: idleCores,
    othersCpu,
    areOthersMost: othersCpu >= cpu * othersLine(told),
    memoryFreeMb: memoryFreeBytes / 1024 ** 2,
    throttled: memory.throttled ?? 0,
    shortfallCores: Math.max(0, wanted - cores * fullShare),
    ...(fullFor !== undefined && { fullFor }),
  };
};

/** Whose doing it is has two lines: what was told stays until it is clearly otherwise. */
const othersLine = (told: OpenAdvice | undefined): number => {
  if (told === undefined) return othersShare;
  return told.about === otherPrograms ? othersShare * offShare : othersShare / offShare;
};

/** Cores that full workers would need more than they have: of each group once. */
const unmetIn = (view: View, memory: Memory): number => {
  const groups = new Map<string, number>();
  for (const service of view.services) {
    const points = memory.services[service.service]?.points ?? [];
    if (!isSaturated(points)) continue;
    groups.set(service.group, loadOfGroup(service, points, memory) - coresOf(points));
  }
  return [...groups.values()].reduce((sum, each) => sum + each, 0);
};

/** Two pieces of advice never count on the same core, nor on the same full machine. */
export const reserve = (machine: Machine, { service, action, about, details }: Draft): Machine => {
  if (isOfFullMachine(action, about)) return { ...machine, fullFor: machine.fullFor ?? service };
  if (action !== 'scale_up') return machine;
  const more = Number(details['suggestedWorkers']) - Number(details['currentWorkers']);
  return { ...machine, freeCores: machine.freeCores - more, takenBy: service };
};

export const isOfFullMachine = (action: Draft['action'], about: string | undefined): boolean =>
  action === 'migrate' || about === otherPrograms;

/** Over five seconds, or over half a minute when that is as much: the longer, the less by chance. */
const coresOf = (points: readonly Point[]): number => {
  const now = meanOfLast(points, 'cores', 5);
  const lately = meanOfLast(points, 'cores', 30);
  return Math.abs(now - lately) <= lately * steady ? lately : now;
};

const steady = 0.2;

const isSaturated = (points: readonly Point[]): boolean =>
  meanOver(points, 5, ({ meanBusy }) => meanBusy) >= saturatedBusy;

/**
 * Cores that the workers of a service must carry, neighbours included. A loop with time to spare
 * measures that itself; for a saturated one the arrivals count.
 */
export const loadOfGroup = (
  service: ServiceView,
  points: readonly Point[],
  { services }: Memory,
): number => {
  const measured = coresOf(points);
  return isSaturated(points) ? Math.max(measured, arrivingIn(service, services)) : measured;
};

/** Cores that what arrives at a group needs: looked at once, though each of its services asks. */
const arrivingIn = (
  { group, service, colocatedWith }: ServiceView,
  services: Memory['services'],
): number => {
  const known = arriving.get(services) ?? new Map<string, number>();
  arriving.set(services, known);
  const cores =
    known.get(group) ??
    [service, ...colocatedWith].reduce(
      (sum, name) => sum + neededCores(services[name]?.points ?? []),
      0,
    );
  known.set(group, cores);
  return cores;
};

const arriving = new WeakMap<Memory['services'], Map<string, number>>();
