import type { AutoExecute } from '../protocol/autopilot.ts';
import { defaultThresholds, type Thresholds } from '../protocol/thresholds.ts';
import { type Millis, seconds } from '../protocol/units.ts';
import { type AutopilotLimits, defaultLimits } from './autopilot/limits.ts';

export type AdvisorSettings = {
  readonly thresholds: Thresholds;
  /** Service → its own thresholds, in place of those of the app. */
  readonly services?: Readonly<Record<string, Thresholds>>;
  readonly evaluationIntervalMs: Millis;
  readonly cooldownMs: Millis;
  /** How long pressure must last before anything is said; for P99 the window of a view on top. */
  readonly holdMs: Millis;
  readonly autoExecute: AutoExecute;
  readonly autopilot: AutopilotLimits;
};

export const defaultSettings: AdvisorSettings = {
  thresholds: defaultThresholds,
  evaluationIntervalMs: seconds(30),
  cooldownMs: seconds(120),
  holdMs: seconds(6),
  autoExecute: false,
  autopilot: defaultLimits,
};

export const thresholdsOf = (settings: AdvisorSettings, service: string): Thresholds =>
  settings.services?.[service] ?? settings.thresholds;

/** Without so many seconds of a service there is no verdict on it. */
export const enoughSeconds = 3;
/** A worker younger than this is warming up: what it shows says nothing about its load. */
export const graceMs = seconds(10);
/** Below this share of a line a signal is over; between the two it stays what it was. */
export const offShare = 0.85;
/** Advice whose evidence is gone stays this long, so that it does not flicker. */
export const clearAfterMs = seconds(5);
export const dismissedForMs = seconds(600);
/** A kind of advice that failed a service is not repeated for this long. */
export const distrustMs = seconds(1_800);
/** Turns are counted over an hour, from the action before the first one on. */
export const actionsKeptMs = seconds(4_300);
/** Up again before the cooldown is over only when the load has grown by so much since. */
export const grownShare = 1.2;

/** Lines of one signal that are left out are the defaults. */
type SomeThresholds = {
  readonly [Signal in keyof Thresholds]?: Partial<Thresholds[Signal]>;
};

/** What a program that embeds the advisor may say; the rest is as by default. */
export type AdvisorOptions = Partial<Omit<AdvisorSettings, 'thresholds'>> & {
  readonly thresholds?: SomeThresholds;
  /** As in the config of an app. */
  readonly scaling?: {
    readonly autoExecute?: AutoExecute;
    readonly limits?: Partial<AutopilotLimits>;
  };
};

export const settingsOf = ({ thresholds, scaling, ...given }: AdvisorOptions): AdvisorSettings => {
  const { autoExecute = defaultSettings.autoExecute, limits } = scaling ?? {};
  return {
    ...defaultSettings,
    autoExecute,
    autopilot: { ...defaultLimits, ...limits },
    ...given,
    thresholds: withDefaults(thresholds),
  };
};

const withDefaults = (given: SomeThresholds = {}): Thresholds => ({
  cpu: { ...defaultThresholds.cpu, ...given.cpu },
  latencyP99: { ...defaultThresholds.latencyP99, ...given.latencyP99 },
  pending: { ...defaultThresholds.pending, ...given.pending },
  memory: { ...defaultThresholds.memory, ...given.memory },
  errors: { ...defaultThresholds.errors, ...given.errors },
  underutilized: { ...defaultThresholds.underutilized, ...given.underutilized },
});

/** The settings of an app as its config has them. */
export const settingsFrom = (config: {
  readonly thresholds: Thresholds;
  readonly evaluationIntervalMs: Millis;
  readonly cooldownMs: Millis;
  readonly scaling: { readonly autoExecute: AutoExecute; readonly limits: AutopilotLimits };
}): AdvisorSettings => ({
  ...defaultSettings,
  thresholds: config.thresholds,
  evaluationIntervalMs: config.evaluationIntervalMs,
  cooldownMs: config.cooldownMs,
  autoExecute: config.scaling.autoExecute,
  autopilot: config.scaling.limits,
});
