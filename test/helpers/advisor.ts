import { type Advised, advise } from '../../src/advisor/advisor.ts';
import { addPoint, toPoint } from '../../src/advisor/history/point.ts';
import { initialMemory, type Memory, type Point } from '../../src/advisor/memory/memory.ts';
import { type AdvisorSettings, defaultSettings } from '../../src/advisor/settings.ts';
import type { ServiceView, View } from '../../src/advisor/view.ts';
import { type Instant, instant, type Percent, percent } from '../../src/protocol/units.ts';

/** A full ten seconds, and one that is easy to recognise. */
export const beginning = instant(1_700_000_000_000);
export const second = (count: number): Instant => instant(beginning + count * 1_000);

type Numbers = {
  readonly workers: number;
  /** Cores' worth of every worker, 0–100, or of all of them. */
  readonly busy: number | readonly number[];
  readonly p99: number;
};

/** A service as the supervisor would show it: alone, warm and calm, but for what is given. */
export const serviceView = (
  service: string,
  { busy = 10, p99 = 20, ...given }: Partial<Omit<ServiceView, 'service'> & Numbers> = {},
): ServiceView => {
  const workers = given.workers ?? 1;
  const each = typeof busy === 'number' ? Array.from({ length: workers }, () => busy) : busy;
  const busyPerWorker = each.map(percent);
  const cores = each.reduce((sum, one) => sum + one, 0) / 100;
  const rate = given.completionsPerSecond ?? given.arrivalsPerSecond ?? 20;
  return {
    service,
    group: service,
    colocatedWith: [],
    workers,
    minWorkers: 1,
    maxWorkers: 32,
    youngestMs: 3_600_000,
    busyPerWorker,
    cpuPerWorker: percent((cores / Math.max(1, workers)) * 100),
    starvation: 0,
    arrivalsPerSecond: rate,
    completionsPerSecond: rate,
    errorRate: 0,
    latencyMs: { p50: p99 / 4, p90: p99 / 2, p99, max: p99 * 1.2 },
    split: {
      cpuMs: rate > 0 ? (cores * 1_000) / rate : 0,
      loopWaitMs: 1,
      downstreamMs: {},
      externalMs: 0,
    },
    slices: { perSecond: rate, maxMs: 5, sumOfSquaresMs2PerSecond: rate * 4 },
    pending: 0,
    memoryMbPerWorker: 90,
    ...given,
  };
};

/** A saturated service: its loops are full, and requests wait for them. */
export const saturated = (
  service: string,
  given: Parameters<typeof serviceView>[1] = {},
): ServiceView =>
  serviceView(service, {
    busy: 100,
    p99: 600,
    arrivalsPerSecond: 200,
    pending: 60,
    split: { cpuMs: 5, loopWaitMs: 300, downstreamMs: {}, externalMs: 0 },
    ...given,
  });

/** What is seen in each of so many seconds. */
export type Scene = {
  readonly seconds: number;
  readonly services: readonly ServiceView[] | ((second: number) => readonly ServiceView[]);
  /** Of the whole machine; by default what the services use. */
  readonly cpu?: number | 'unknown';
  readonly cores?: number;
  /** Part of the periods of its quota in which that is used up. */
  readonly throttled?: number;
};

export type Stage = {
  readonly settings?: AdvisorSettings;
  readonly memory?: Memory;
  /** The second of the first view. */
  readonly from?: number;
};

/** The views of some scenes, one a second. */
export const viewsOf = (scenes: readonly Scene[], { from = 0 }: Stage = {}): View[] => {
  let at = from;
  return scenes.flatMap(({ seconds, services, cpu, cores = 8, throttled }) =>
    Array.from({ length: seconds }, () => {
      const seen = typeof services === 'function' ? services(at) : services;
      const quota = throttled === undefined ? {} : { throttled };
      const machine = { cores, ...quota, memoryFreeBytes: 8 * 1024 ** 3 };
      const used = cpu ?? usedBy(seen, cores);
      const view: View = {
        at: second(at),
        machine: used === 'unknown' ? machine : { ...machine, cpu: percent(used) },
        services: seen,
      };
      at += 1;
      return view;
    }),
  );
};

/** Cores that the services use, each group once, and a tenth of one for everything else. */
const usedBy = (services: readonly ServiceView[], cores: number): Percent => {
  const groups = new Map(services.map((one) => [one.group, one.busyPerWorker]));
  const busy = [...groups.values()].flat().reduce<number>((sum, each) => sum + each, 10);
  return percent(Math.min(100, busy / cores));
};

export type Played = {
  /** What was said in each second. */
  readonly all: readonly Advised[];
  readonly last: Advised;
  readonly memory: Memory;
  /** `scale_up orders`, in the order of their opening, with the second in which they did. */
  readonly opened: readonly (readonly [second: number, what: string])[];
};

/** Plays scenes to the advisor. */
export const play = (scenes: readonly Scene[], stage: Stage = {}): Played => {
  let memory = stage.memory ?? initialMemory;
  const all = viewsOf(scenes, stage).map((view) => {
    const advised = advise(memory, view, stage.settings ?? defaultSettings);
    memory = advised.memory;
    return advised;
  });
  const last = all.at(-1);
  if (last === undefined) throw new Error('Nothing was played');
  const opened = all.flatMap(({ changes }, index) =>
    changes
      .filter(({ kind }) => kind === 'opened')
      .map(({ recommendation: { action, service } }): [number, string] => [
        index + (stage.from ?? 0),
        `${action} ${service}`,
      ]),
  );
  return { all, last, memory, opened };
};

/** `scale_up orders` for each recommendation. */
export const saidBy = ({ recommendations }: Advised): readonly string[] =>
  recommendations.map(({ action, service }) => `${action} ${service}`);

/** A test's row: its name, what is seen, and what is to be said. */
export type Case<T> = readonly [name: string, scenes: readonly Scene[], expected: T];

export const minutes = (count: number): number => count * 60;

export const lasting = (seconds: number, ...services: readonly ServiceView[]): Scene => ({
  seconds,
  services,
});
/** Long enough to learn what is usual. */
export const calm = (...services: readonly ServiceView[]): Scene => lasting(20, ...services);
/** Long enough to be sure. */
export const quarter = (...services: readonly ServiceView[]): Scene => lasting(15, ...services);

export const splitOf = (given: Partial<ServiceView['split']>): ServiceView['split'] => ({
  cpuMs: 2,
  loopWaitMs: 1,
  downstreamMs: {},
  externalMs: 0,
  ...given,
});

/** Three slices a second of 80 ms. */
export const longSlices = { perSecond: 3, maxMs: 80, sumOfSquaresMs2PerSecond: 19_200 };

/** A service that hardly anybody asks. */
export const lonely = (name: string, given: Partial<ServiceView> = {}): ServiceView =>
  serviceView(name, { busy: 1, arrivalsPerSecond: 0.5, p99: 5, ...given });

/** Of one service, a second each. */
export const pointsOf = (
  seconds: number,
  at: (second: number) => Parameters<typeof serviceView>[1],
) =>
  Array.from({ length: seconds }, (_, index) => serviceView('orders', at(index))).reduce<
    readonly Point[]
  >((points, view, index) => addPoint(points, toPoint(second(index), view, points.at(-1))), []);
