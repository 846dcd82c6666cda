import type { Evidence, Signal } from '../protocol/advice.ts';
import { type AutopilotKind, mayExecute } from '../protocol/autopilot.ts';
import type { Thresholds } from '../protocol/thresholds.ts';
import { type Instant, type Millis, ms, seconds } from '../protocol/units.ts';
import { failuresInARow } from './advice/trust.ts';
import type { Plan } from './capacity/plan.ts';
import { type Line, lineOf, spreadOf } from './capacity/tail.ts';
import {
  intrinsicMs,
  type Shares,
  sharesOfExcess,
  trusted,
  withLaterWaits,
} from './history/calm.ts';
import { arrivalRate, demandMs } from './history/load.ts';
import type { Past } from './history/past.ts';
import { isUnanswered, sharesOfUnanswered } from './history/unanswered.ts';
import { type Usage, usageOver } from './history/usage.ts';
import { meanOver, medianOver, starvationOf } from './history/window.ts';
import { loadOfGroup, type Machine } from './machine.ts';
import {
  type Done,
  emptyServiceMemory,
  type Memory,
  type Point,
  type ServiceMemory,
  type Split,
} from './memory/memory.ts';
import { expectedP99 } from './model/prediction.ts';
import { intrinsicP99, learnKappa, type Queue } from './model/queue.ts';
import { type AdvisorSettings, thresholdsOf } from './settings.ts';
import { evidenceOfBurns } from './signals/burning.ts';
import { evidenceOf, holdOf } from './signals/signals.ts';
import type { Members, ServiceView, View } from './view.ts';

/** All that a rule may look at: one service, now and lately, and its surroundings. */
export type Situation = {
  readonly service: ServiceView;
  readonly thresholds: Thresholds;
  readonly machine: Machine;
  /** All that share its workers, itself among them: one list for all of them. */
  readonly members: Members;
  /** All of the app, by name. */
  readonly services: ReadonlyMap<string, ServiceView>;
  /** What is remembered of them. */
  readonly known: Memory['services'];
  readonly caseOf: CaseOf;
  readonly isAtEase: (service: string) => boolean;
  /** Signals held over their line, or what burns; empty when there is no case. */
  readonly evidence: readonly Evidence[];
  /** Its event loop is at the critical line. */
  readonly hot: boolean;
  /** Its requests take too long, or pile up. */
  readonly slow: boolean;
  /** Part of the last seconds that its busiest process waited for a core, 0–1. */
  readonly starvation: number;
  readonly queue: Queue;
  readonly history: ServiceMemory;
  /** What its load needs; only the autopilot plans. */
  readonly plan: Plan | undefined;
  /** How its number of workers was changed lately, oldest first. */
  readonly scaled: readonly Done[];
  readonly at: Instant;
  /** How long a service must be idle before it is made smaller. */
  readonly idleForMs: Millis;
  /** Lone services that were barely used for so long, by name; none while any is under pressure. */
  readonly idlers: readonly Idler[];
  /** How often in a row more workers did not help it lately. */
  readonly failedScaleUps: number;
};

/** Whether anything is said of a service, and on which: its trouble may be the doing of another. */
export type Case =
  | { readonly status: 'told'; readonly of: string }
  /** It is over a line, and not yet for long enough. */
  | { readonly status: 'coming' }
  | { readonly status: 'none'; readonly because?: string };
export type CaseOf = (service: string) => Case;

export type Idler = {
  readonly service: string;
  readonly use: Usage;
  readonly forMs: Millis;
  readonly memoryMb: number;
  /** What its process may take, if it has a limit. */
  readonly memoryLimitMb?: number;
};

/** What the rules share in one second. */
export type Surroundings = {
  readonly view: View;
  readonly byName: ReadonlyMap<string, ServiceView>;
  readonly groups: ReadonlyMap<string, Members>;
  readonly memory: Memory;
  readonly past: Past;
  readonly settings: AdvisorSettings;
  readonly idlers: readonly Idler[];
  readonly caseOf: CaseOf;
};

/** Undefined until the service has been seen. */
export const situationOf = (
  service: ServiceView,
  { view, byName, groups, memory, past, settings, idlers, caseOf }: Surroundings,
  machine: Machine,
): Situation | undefined => {
  const name = service.service;
  const history = memory.services[name];
  const now = history?.points.at(-1);
  if (history === undefined || now === undefined) return undefined;
  const thresholds = thresholdsOf(settings, name);
  const evidence = evidenceIn(history, { now, thresholds }, settings.holdMs);
  const has = (signal: Signal): boolean => evidence.some((one) => one.signal === signal);
  return {
    service,
    thresholds,
    machine,
    members: groups.get(service.group) ?? [service],
    services: byName,
    known: memory.services,
    caseOf,
    isAtEase: (other) => isAtEase(other, memory, settings),
    evidence,
    hot: has('cpu'),
    slow: has('latencyP99Ms') || has('pending'),
    starvation: starvationOf(history.points),
    queue: history.queue ?? queueOf(service, history, memory),
    history,
    plan: mayExecute(settings.autoExecute, 'scale') ? history.plan : undefined,
    scaled: past.done.get(name)?.filter(({ direction }) => direction !== 'other') ?? none,
    at: view.at,
    idleForMs: idleForMs(settings, name, 'scale'),
    idlers,
    failedScaleUps: failuresInARow(past.outcomes.get(name) ?? none, name, {
      action: 'scale_up',
      at: view.at,
    }),
  };
};

/** The same with what burns as its evidence; undefined when that is no case, or there is one anyway. */
export const burningSituation = (situation: Situation): Situation | undefined => {
  const { history, thresholds, evidence } = situation;
  if (history.burns === undefined || evidence.length > 0) return undefined;
  const burning = evidenceOfBurns(history, thresholds);
  const slow = burning.some(({ signal }) => signal === 'latencyP99Ms');
  return { ...situation, evidence: burning, slow };
};

const isAtEase = (name: string, memory: Memory, settings: AdvisorSettings): boolean => {
  const history = memory.services[name];
  const now = history?.points.at(-1);
  if (history === undefined || now === undefined) return false;
  const seen = { now, thresholds: thresholdsOf(settings, name) };
  return evidenceIn(history, seen, settings.holdMs).length === 0;
};

/** Of most services, every second. */
const none: readonly never[] = [];

/** What has been over its line for long enough. */
const evidenceIn = (
  history: ServiceMemory,
  seen: Parameters<typeof evidenceOf>[1],
  holdMs: Millis,
): readonly Evidence[] => {
  if (!isOverAny(history)) return none;
  const over = Object.entries(history.held)
    // The keys of `held` are signals; `Object.entries` forgets that.
    .map(([signal, since]) => evidenceOf(signal as Signal, seen, since));
  return over.filter(holdOf(over, history, holdMs));
};

const isOverAny = ({ held }: ServiceMemory): boolean => {
  for (const _signal in held) return true;
  return false;
};

/** Where the extra time of its requests goes. Asked for when there is a case, and not every second. */
export const sharesOf = (situation: Situation): Shares => {
  const { service, services, history } = situation;
  if (areUnanswered(situation)) return sharesOfUnanswered({ service, services, ...history });
  return sharesOfExcess(wholeSplit(service, history), trusted(history.calm));
};

/** Hardly any of its requests, though its loops have time for them. */
export const areUnanswered = ({ service, thresholds }: Situation): boolean =>
  isUnanswered(service) && (service.busyPerWorker[0] ?? 0) < thresholds.cpu.critical;

const wholeSplit = (service: ServiceView, history: ServiceMemory): Split =>
  withLaterWaits(history.split, trusted(history.calm), visitsPerRequest(service, history));

/** As it was learned before, too: while a queue grows, more requests begin than come back. */
const visitsPerRequest = (
  { slices, arrivalsPerSecond }: ServiceView,
  { tail }: ServiceMemory,
): number => {
  const now = arrivalsPerSecond > 0 ? slices.perSecond / arrivalsPerSecond : 1;
  return tail === undefined || tail.requests === 0
    ? now
    : Math.max(now, tail.visits / tail.requests);
};

/** The autopilot can take its mistake back at once, so it need not wait as long as a person. */
export const autopilotIdleMs = seconds(60);

const idleForMs = (settings: AdvisorSettings, service: string, kind: AutopilotKind): Millis => {
  const { duration } = thresholdsOf(settings, service).underutilized;
  const isAutomatic = mayExecute(settings.autoExecute, kind);
  return isAutomatic ? ms(Math.min(autopilotIdleMs, duration)) : duration;
};

/** Services that are alone in one worker, which they could share, and barely used; by name. */
export const idlersOf = (
  view: View,
  memory: Memory,
  settings: AdvisorSettings,
): readonly Idler[] => {
  const isUnderPressure = ({ service }: ServiceView): boolean =>
    isOverAny(memory.services[service] ?? emptyServiceMemory);
  if (view.services.some(isUnderPressure)) return [];
  return view.services
    .filter(
      ({ workers, colocatedWith, isCommand }) =>
        workers === 1 && colocatedWith.length === 0 && isCommand === undefined,
    )
    .flatMap(({ service, memoryMbPerWorker: memoryMb, memoryLimitMb }) => {
      const forMs = idleForMs(settings, service, 'colocate');
      const use = usageOver(memory.services[service] ?? emptyServiceMemory, forMs, view.at);
      if (use === undefined) return [];
      const limit = memoryLimitMb === undefined ? {} : { memoryLimitMb };
      return [{ service, use, forMs, memoryMb, ...limit }];
    })
    .toSorted((a, b) => (a.service < b.service ? -1 : 1));
};

/** The line through what was seen counts as long as what is seen now lies near it. */
const nearIn = [
  { seconds: 15, times: 2 },
  { seconds: 2, times: 3 },
] as const;

const isNear = (queue: Queue, line: Line, points: readonly Point[]): boolean => {
  const p99 = expectedP99(queue, queue.workers, line);
  if (p99 === undefined) return false;
  return nearIn.every(({ seconds: over, times }) => {
    const seen = meanOver(points, over, (point) => point.p99);
    return p99 < seen * times && p99 * times > seen;
  });
};

/** The queue as measured over the last seconds. */
export const queueOf = (service: ServiceView, history: ServiceMemory, memory: Memory): Queue => {
  const { points, tail, demand } = history;
  const split = wholeSplit(service, history);
  const { ms: usualMs = 0 } = demand ?? {};
  const calm = trusted(history.calm);
  const outsideMs = calm === undefined ? 0 : intrinsicMs(calm.split) - calm.split.cpuMs;
  const load = loadOfGroup(service, points, memory);
  const arrivals = arrivalRate(points);
  const p99 = medianOver(points, 5, (point) => point.p99) ?? 0;
  const intrinsicMeanMs = intrinsicMs(split);
  const { slowestMs, unevenness, scatter } = spreadOf(tail, usualMs, outsideMs);
  const line = tail && lineOf(tail, usualMs, outsideMs);
  const queue = {
    workers: service.workers,
    load,
    demandMs: demandMs(points) || (arrivals > 0 ? (load * 1_000) / arrivals : 0),
    arrivalsPerSecond: arrivals,
    intrinsicMeanMs,
    intrinsicP99Ms: intrinsicP99({
      p99,
      loopWaitMs: split.loopWaitMs,
      laterWaitsMs: split.loopWaitMs - history.split.loopWaitMs,
      intrinsicMeanMs,
      slowestMs: Math.max(slowestMs, line?.intrinsicP99Ms ?? 0),
      calmP99: calm?.p99,
      measured: medianOver(points, 5, (point) => point.intrinsicP99),
    }),
    kappa: 0,
    scatter,
    busy: meanOver(points, 5, ({ meanBusy }) => meanBusy),
    p99,
    pending: meanOver(points, 5, ({ pending }) => pending),
  };
  queue.kappa = learnKappa(queue, unevenness);
  if (tail === undefined || line === undefined || !isNear(queue, line, points)) return queue;
  return { ...queue, ...line, seconds: tail.seconds };
};
