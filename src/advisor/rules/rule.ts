import type {
  AdviceAction,
  Evidence,
  Prediction,
  Recommendation,
  Signal,
} from '../../protocol/advice.ts';
import { type Severity, worst } from '../../protocol/severity.ts';
import { severityOfEvidence } from '../signals.ts';
import type { Situation } from '../situation.ts';

/** A recommendation before it has an identity: what a rule proposes this second. */
export type Draft = Omit<Recommendation, 'id' | 'since' | 'confidence'> & {
  /** How clearly the evidence points here, 0–1. */
  readonly clarity: number;
  /** Idle cores that it would use. */
  readonly cores: number;
};

export type Declined = { readonly because: string };

export type Rule = (situation: Situation) => Draft | Declined;

export const isDraft = (verdict: Draft | Declined): verdict is Draft => 'action' in verdict;

/** The parts of a draft that most rules leave as they are. */
export const draft = (
  situation: Situation,
  action: AdviceAction,
  fields: Pick<Draft, 'reason' | 'command' | 'steps'> & Partial<Draft>,
): Draft => ({
  service: situation.service.service,
  action,
  severity: severityOfCase(situation.evidence),
  evidence: situation.evidence,
  details: {},
  prediction: {} satisfies Prediction,
  config: {},
  clarity: 1,
  cores: 0,
  ...fields,
});

export const severityOfCase = (evidence: readonly Evidence[]): Severity =>
  worst(['warning', ...evidence.map(severityOfEvidence)]);

const names = {
  cpu: 'CPU per worker',
  latencyP99Ms: 'P99 latency',
  pending: 'The number of pending requests',
  memoryMb: 'Memory per process',
} as const satisfies Record<Signal, string>;

const units = {
  cpu: ' %',
  latencyP99Ms: ' ms',
  pending: '',
  memoryMb: ' MB',
} as const satisfies Record<Signal, string>;

/** The strongest signal with the line it crossed: `CPU per worker is 91 % (critical at 85 %) for 40 s`. */
export const crossed = (situation: Situation): string => {
  const [first] = situation.evidence.toSorted(
    (a, b) => b.value / b.critical - a.value / a.critical,
  );
  if (first === undefined) return 'No signal is over its line';
  const { signal, value, critical, warning, heldMs } = first;
  const unit = units[signal];
  const line =
    signal === 'cpu' || severityOfEvidence(first) === 'critical'
      ? `critical at ${critical}${unit}`
      : `warning at ${warning}${unit}`;
  const lasted = `for ${Math.round(heldMs / 1_000)} s`;
  return `${nameOf(signal, situation)} is ${round(value)}${unit} (${line}) ${lasted}`;
};

/** A loop that is blocked while its process rests is not short of CPU: say what is busy. */
const nameOf = (signal: Signal, { service }: Situation): string =>
  signal === 'cpu' && service.cpuPerWorker < (service.busyPerWorker[0] ?? 0) - 15
    ? `Use of the event loop (CPU is only ${round(service.cpuPerWorker)} %)`
    : names[signal];

export const round = (value: number): number =>
  Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 10) / 10;

export const share = (part: number): string => `${Math.round(part * 100)} %`;

export const count = (number: number, noun: string): string =>
  `${round(number)} ${noun}${round(number) === 1 ? '' : 's'}`;
