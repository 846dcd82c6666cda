import type { AdviceAction, Evidence, Prediction, Recommendation } from '../../protocol/advice.ts';
import type { Severity } from '../../protocol/severity.ts';
import type { Millis } from '../../protocol/units.ts';
import type { Situation } from '../situation.ts';

/** What a rule says; the advisor adds identity, time, severity and confidence. */
export type Draft = Pick<
  Recommendation,
  'service' | 'action' | 'reason' | 'details' | 'prediction' | 'command' | 'config' | 'steps'
> & {
  /** When it is worse than the evidence is over its lines. */
  readonly severity?: Severity;
  /** How clear the evidence is, 0–1. */
  readonly strength: number;
  /** What it is about, when the action alone does not tell: `leak`, `external`. */
  readonly about?: string;
  /** How far back that goes which it says, when it is more than its evidence. */
  readonly overMs?: Millis;
  /** The same with another number of workers, where that follows the load. */
  readonly sizedTo?: (workers: number) => Draft;
  /** However far over its line a signal is: nobody knows that it was ever otherwise. */
  readonly atMost?: 'warning';
};

/** Why a rule that was asked says no. */
export type Refusal = {
  readonly action: AdviceAction;
  readonly because: string;
  /** The service that has the case instead. */
  readonly of?: string;
};

/** Undefined when the rule has nothing to say, so that the next one is asked. */
export type Rule = (situation: Situation) => Draft | Refusal | undefined;

export const isDraft = (said: Draft | Refusal): said is Draft => 'reason' in said;

export const noPrediction: Prediction = {};

export const round = (value: number, digits = 0): number => {
  const parts = 10 ** digits;
  return Math.round(value * parts) / parts;
};

export const countOf = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Few of many, for a sentence. */
export const listOf = (all: readonly string[], most = 3): string => {
  const named = all.length > most + 1 ? [...all.slice(0, most), `${all.length - most} more`] : all;
  return [named.slice(0, -1).join(', '), ...named.slice(-1)].filter(Boolean).join(' and ');
};

const names = {
  cpu: 'CPU of the hottest worker',
  latencyP99Ms: 'P99',
  pending: 'Pending',
  memoryMb: 'Memory',
  errorPercent: 'The share of errors',
};
const units = { cpu: ' %', latencyP99Ms: ' ms', pending: '', memoryMb: ' MB', errorPercent: ' %' };

/** What was bad of the answers, as the beginning of a sentence. */
const burntAs = (
  { signal, critical }: Evidence,
  { percent, forMs, answers }: NonNullable<Evidence['burn']>,
): string => {
  const bad = signal === 'errorPercent' ? 'failed' : `took over ${critical} ms`;
  if (answers !== undefined) return `All of the last ${answers} requests ${bad} (low traffic)`;
  const span = forMs > 60_000 ? `${round(forMs / 60_000)} min` : `${round(forMs / 1_000)} s`;
  return `${round(percent, percent < 10 ? 1 : 0)} % of the requests ${bad} in the last ${span}`;
};

/** What goes up and down about its line is not over before it is clearly below. */
const lineAt = ({ value, warning, critical }: Evidence): string => {
  if (value >= critical) return `critical at ${critical}`;
  return value >= warning ? `warning at ${warning}` : `about its warning at ${warning}`;
};

/** The strongest evidence as the beginning of a sentence: the number and the line it crossed. */
export const pressureOf = ({ evidence, service }: Situation): string => {
  const strongest = evidence.toSorted((a, b) => b.value / b.critical - a.value / a.critical)[0];
  if (strongest === undefined) return 'No signal is over its line';
  if (strongest.burn !== undefined) return burntAs(strongest, strongest.burn);
  const { signal, value, heldMs } = strongest;
  const line = lineAt(strongest);
  const held = `for ${round(heldMs / 1_000)} s`;
  const isBlocking = signal === 'cpu' && service.cpuPerWorker < value / 2;
  const name = isBlocking ? 'The event loop of a worker' : names[signal];
  return `${name} is ${isBlocking ? 'busy ' : ''}${round(value)}${units[signal]} (${line}${units[signal]}) ${held}`;
};
