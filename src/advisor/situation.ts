import type { Evidence, Signal } from '../protocol/advice.ts';
import { type AutopilotKind, mayExecute } from '../protocol/autopilot.ts';
import type { Thresholds } from '../protocol/thresholds.ts';
import { type Instant, type Millis, ms, seconds } from '../protocol/units.ts';
import type { Plan } from './capacity/plan.ts';
import { type Line, lineOf, spreadOf } from './capacity/tail.ts';
import { intrinsicMs, type Shares, sharesOfExcess, trusted } from './history/calm.ts';
import { arrivalRate, demandMs } from './history/load.ts';
import { type Usage, usageOver } from './history/usage.ts';
import { lastSeconds, meanOver, median, starvationOf } from './history/window.ts';
import { loadOfGroup, type Machine } from './machine.ts';
import type { Done, Memory, Point, ServiceMemory } from './memory.ts';
import { expectWith } from './model/prediction.ts';
import { intrinsicP99, learnKappa, type Queue } from './model/queue.ts';
import { type AdvisorSettings, thresholdsOf } from './settings.ts';
import { evidenceOf, holdOf } from './signals.ts';
import { failuresInARow } from './trust.ts';
import type { ServiceView, View } from './view.ts';

/** All that a rule may look at: one service, now and lately, and its surroundings. */
export type Situation = {
  readonly service: ServiceView;
  readonly thresholds: Thresholds;
  readonly machine: Machine;
  readonly neighbours: readonly ServiceView[];
  /** Signals held over their line; empty when there is no case. */
  readonly evidence: readonly Evidence[];
  /** Its event loop is at the critical line. */
  readonly hot: boolean;
  /** Its requests take too long, or pile up. */
  readonly slow: boolean;
  /** Part of the last seconds that its busiest process waited for a core, 0–1. */
  readonly starvation: number;
  readonly shares: Shares;
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

export type Idler = { readonly service: string; readonly use: Usage; readonly forMs: Millis };

/** What the rules share in one second. */
export type Surroundings = {
  readonly view: View;
  readonly byName: ReadonlyMap<string, ServiceView>;
  readonly memory: Memory;
  readonly settings: AdvisorSettings;
  readonly idlers: readonly Idler[];
};

/** Undefined until the service has been seen. */
export const situationOf = (
  service: ServiceView,
  { view, byName, memory, settings, idlers }: Surroundings,
  machine: Machine,
): Situation | undefined => {
  const history = memory.services[service.service];
  const now = history?.points.at(-1);
  if (history === undefined || now === undefined) return undefined;
  const thresholds = thresholdsOf(settings, service.service);
  const over = Object.entries(history.held)
    // The keys of `held` are signals; `Object.entries` forgets that.
    .map(([signal, since]) => evidenceOf(signal as Signal, { now, thresholds }, since));
  const evidence = over.length === 0 ? over : over.filter(holdOf(over, history, settings.holdMs));
  const has = (signal: Signal): boolean => evidence.some((one) => one.signal === signal);
  return {
    service,
    thresholds,
    machine,
    neighbours: service.colocatedWith.flatMap((name) => byName.get(name) ?? []),
    evidence,
    hot: has('cpu'),
    slow: has('latencyP99Ms') || has('pending'),
    starvation: starvationOf(history.points),
    // Of each service every second, and asked for only when there is a case.
    get shares() {
      return sharesOfExcess(history.split, trusted(history.calm), slicesPerRequest(service));
    },
    queue: history.queue ?? queueOf(service, memory),
    history,
    plan: mayExecute(settings.autoExecute, 'scale') ? history.plan : undefined,
    scaled: memory.done.filter(
      (done) => done.service === service.service && done.direction !== 'other',
    ),
    at: view.at,
    idleForMs: idleForMs(settings, service.service, 'scale'),
    idlers,
    failedScaleUps: failuresInARow(memory.outcomes, service.service, {
      action: 'scale_up',
      at: view.at,
    }),
  };
};

const slicesPerRequest = ({ slices, arrivalsPerSecond }: ServiceView): number =>
  arrivalsPerSecond > 0 ? slices.perSecond / arrivalsPerSecond : 1;

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
  const known = Object.values(memory.services);
  if (known.some(({ held }) => Object.keys(held).length > 0)) return [];
  return view.services
    .filter(
      ({ workers, colocatedWith, isCommand }) =>
        workers === 1 && colocatedWith.length === 0 && isCommand === undefined,
    )
    .flatMap(({ service }) => {
      const stretches = memory.services[service]?.stretches ?? [];
      const forMs = idleForMs(settings, service, 'colocate');
      const use = usageOver(stretches, forMs, view.at);
      return use === undefined ? [] : [{ service, use, forMs }];
    })
    .toSorted((a, b) => (a.service < b.service ? -1 : 1));
};

/** The line through what was seen counts as long as what is seen now lies near it. */
const nearIn = [
  { seconds: 15, times: 2 },
  { seconds: 2, times: 3 },
] as const;

const withLine = (queue: Queue, line: Line, points: readonly Point[]): Queue => {
  const fitted = { ...queue, ...line };
  const { p99 } = expectWith(fitted, queue.workers);
  const isNear = nearIn.every(({ seconds: over, times }) => {
    const seen = meanOver(points, over, (point) => point.p99);
    return p99 !== undefined && p99 < seen * times && p99 * times > seen;
  });
  return isNear ? fitted : queue;
};

/** The queue as measured over the last seconds. */
export const queueOf = (service: ServiceView, memory: Memory): Queue => {
  const history = memory.services[service.service];
  const points = history?.points ?? [];
  const load = loadOfGroup(service, memory);
  const arrivals = arrivalRate(points);
  const split = history?.split ?? service.split;
  const calmP99 = trusted(history?.calm)?.p99;
  const recent = lastSeconds(points, 5);
  const p99 = median(recent.map((point) => point.p99));
  const measured = recent
    .map(({ intrinsicP99 }) => intrinsicP99)
    .filter((each) => each !== undefined);
  const intrinsicMeanMs = intrinsicMs(split);
  const { tail, demandMs: usualMs = 0 } = history ?? {};
  const line = tail && lineOf(tail, usualMs);
  const { slowestMs, unevenness } = spreadOf(tail, usualMs);
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
      slowestMs,
      ...(calmP99 !== undefined && { calmP99 }),
      ...(measured.length > 0 && { measured: median(measured) }),
    }),
    busy: meanOver(points, 5, ({ meanBusy }) => meanBusy),
    p99,
    pending: meanOver(points, 5, ({ pending }) => pending),
  };
  const queue = { ...seen, kappa: learnKappa(seen, unevenness) };
  return line === undefined ? queue : withLine(queue, line, points);
};
