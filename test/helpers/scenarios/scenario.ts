import { type Advised, advise } from '../../../src/advisor/advisor.ts';
import { initialMemory, type Memory } from '../../../src/advisor/memory/memory.ts';
import { type AdvisorSettings, defaultSettings } from '../../../src/advisor/settings.ts';
import type { View } from '../../../src/advisor/view.ts';
import type { AdviceAction, Recommendation } from '../../../src/protocol/advice.ts';
import { seconds } from '../../../src/protocol/units.ts';
import {
  inSlices,
  type SimulatedApp,
  type SimulatedService,
  type Step,
  simulatedService,
} from '../../../src/simulator/engine/app.ts';
import { Engine } from '../../../src/simulator/engine/engine.ts';
import { Observer } from '../../../src/simulator/observe.ts';
import { Random } from '../../../src/simulator/random.ts';

/** What happens to a simulated app, and what is to be said of it. */
export type Scenario = {
  readonly name: string;
  /** One of these, and nothing else; none when there is nothing to say. */
  readonly right: readonly string[];
  /** Another seed gives another app and another trouble of the same class. */
  readonly setUp: (random: Random) => Stage;
};

export type Stage = {
  readonly services: readonly SimulatedService[];
  readonly cores?: number;
  readonly memoryMb?: number;
  /** Changes the app after a second, from the first second of trouble on. */
  readonly trouble?: (engine: Engine, second: number) => void;
  /** What the supervisor would not know. */
  readonly seen?: (view: View, second: number) => View;
  readonly settings?: AdvisorSettings;
  readonly calmSeconds?: number;
  readonly troubleSeconds?: number;
};

export type Verdict = 'right' | 'wrong' | 'missed';
export type Judged = {
  readonly verdict: Verdict;
  readonly said: readonly string[];
  /** From the beginning of the trouble until something was said of it. */
  readonly toldAfterSeconds?: number;
  /** From the first critical signal. */
  readonly toldAfterCriticalSeconds?: number;
  /** Each piece of advice, and whether it was right. */
  readonly advised: readonly Opened[];
};

type Opened = {
  readonly action: AdviceAction;
  readonly strength: number;
  readonly confidence: number;
  readonly cameTrue: boolean;
};

const calmSeconds = 45;
const troubleSeconds = 45;

type Second = { readonly second: number; readonly view: View; readonly advised: Advised };

/** Plays one variant to the advisor, which only advises. */
export const playScenario = (
  { setUp, right }: Scenario,
  seed: number,
  memory: Memory = initialMemory,
): Judged => {
  const all = secondsOf(setUp(new Random(seed)), seed, memory);
  const named = all.flatMap(({ advised }) => advised.recommendations.map(nameOf));
  const said = [...new Set(named)];
  const told = all.find(({ advised }) => advised.recommendations.length > 0)?.second;
  const critical = all.find(({ second, view }) => second >= 0 && hasCriticalSignal(view))?.second;
  return {
    verdict: verdictOn(said, right),
    said,
    advised: all.flatMap(({ advised }) => openedIn(advised, right)),
    ...(told !== undefined && { toldAfterSeconds: told + 1 }),
    ...(told !== undefined &&
      critical !== undefined && { toldAfterCriticalSeconds: Math.max(0, told - critical) }),
  };
};

/** What was seen and said in each second, calm ones first. */
export const secondsOf = (
  stage: Stage,
  seed: number,
  before: Memory = initialMemory,
): readonly Second[] => {
  const engine = new Engine({ app: appOf(stage), seed });
  const observer = new Observer(engine);
  const calm = stage.calmSeconds ?? calmSeconds;
  const total = calm + (stage.troubleSeconds ?? troubleSeconds);
  let memory = before;
  return Array.from({ length: total }, (_, index) => {
    const second = index - calm;
    if (second >= 0) stage.trouble?.(engine, second);
    engine.second();
    const view = observer.view();
    const seen = second >= 0 && stage.seen ? stage.seen(view, second) : view;
    const advised = advise(memory, seen, stage.settings ?? defaultSettings);
    memory = advised.memory;
    return { second, view, advised };
  });
};

export const nameOf = ({ action, service }: Recommendation): string => `${action} ${service}`;

const openedIn = ({ changes }: Advised, right: readonly string[]): Judged['advised'] =>
  changes
    .filter(({ kind }) => kind === 'opened')
    .map(({ recommendation }) => ({
      action: recommendation.action,
      strength: recommendation.record?.strength ?? 1,
      confidence: recommendation.confidence,
      cameTrue: right.includes(nameOf(recommendation)),
    }));

export const hasCriticalSignal = ({ services }: View): boolean => {
  const { cpu, latencyP99, pending } = defaultSettings.thresholds;
  return services.some(
    (one) =>
      (one.busyPerWorker[0] ?? 0) >= cpu.critical ||
      one.latencyMs.p99 >= latencyP99.critical ||
      one.pending >= pending.critical,
  );
};

const verdictOn = (said: readonly string[], right: readonly string[]): Verdict => {
  if (!said.every((one) => right.includes(one))) return 'wrong';
  return right.length > 0 && said.length === 0 ? 'missed' : 'right';
};

export const appOf = ({ services, cores = 16, memoryMb = 16_384 }: Stage): SimulatedApp => ({
  cores,
  memoryMb,
  startDelayMs: 2_000,
  routing: 'p2c',
  services,
});

/** A service with this utilisation of its workers. */
export const loaded = (
  name: string,
  random: Random,
  given: Partial<SimulatedService> & { readonly busy?: number; readonly cpuMs?: number } = {},
): SimulatedService => {
  const { busy = random.between(0.2, 0.4), cpuMs = random.between(3, 8), ...rest } = given;
  const workers = rest.workers ?? 1;
  return simulatedService(name, {
    steps: inSlices(cpuMs, random.between(0, 20), 1 + random.index(3)),
    cv2: random.between(0.2, 0.6),
    workers,
    requestsPerSecond: (busy * workers * 1_000) / cpuMs,
    ...rest,
  });
};

/** Asked only by others: what it does is in its steps. */
export const asked = (
  name: string,
  steps: readonly Step[],
  given: Partial<SimulatedService> = {},
): SimulatedService => simulatedService(name, { steps, cv2: 0.5, ...given });

export const call = (service: string, awaited = true): Step => ({ type: 'call', service, awaited });
export const io = (ms: number): Step => ({ type: 'io', ms });
export const cpu = (ms: number): Step => ({ type: 'cpu', ms });

/** Takes effect in the first second of trouble. */
export const once =
  (change: (engine: Engine) => void): NonNullable<Stage['trouble']> =>
  (engine, second) => {
    if (second === 0) change(engine);
  };

/** So many times the requests. */
export const times =
  (service: string, factor: number): NonNullable<Stage['trouble']> =>
  (engine, second) => {
    if (second === 0) engine.member(service).service.requestsPerSecond *= factor;
  };

/** For idleness, two minutes instead of half an hour. */
export const impatient: AdvisorSettings = {
  ...defaultSettings,
  thresholds: {
    ...defaultSettings.thresholds,
    underutilized: { cpu: 20, duration: seconds(120) },
  },
};
