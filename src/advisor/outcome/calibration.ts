import { type AdviceAction, adviceActions } from '../../protocol/advice.ts';
import type {
  Calibration,
  ConfidenceBin,
  PredictionScore,
  RuleRecord,
} from '../../protocol/calibration.ts';
import type { Dismissal, Memory, Outcome, Tried } from '../memory/memory.ts';
import { evidenceBinOf, priorOf } from '../model/confidence.ts';
import { type EvidenceBin, evidenceBins } from '../model/evidence-bins.ts';

type Known = Pick<Memory, 'outcomes' | 'dismissals'>;

/** The lower ends of the bins; the last one is closed. */
const bins = [0, 0.6, 0.7, 0.8, 0.9];

/** How far what was said can be relied on: confidence against what helped, predictions against what came. */
export const calibrationOf = (memory: Known): Omit<Calibration, 'version' | 'app' | 'at'> => {
  const followed = memory.outcomes.filter(({ isOwnIdea }) => isOwnIdea === undefined);
  const confidence = bins.flatMap((from, index) => binOf(followed, from, bins[index + 1]));
  return {
    rules: rulesOf(memory, followed),
    confidence,
    ...(confidence.length > 0 && { calibrationError: errorOf(confidence) }),
    predictions: [
      ...scoreOf(
        'cpu',
        memory.outcomes.flatMap(({ cpu }) => cpu ?? []),
      ),
      ...scoreOf(
        'latencyP99Ms',
        memory.outcomes.flatMap(({ latencyP99Ms }) => latencyP99Ms ?? []),
      ),
    ],
  };
};

const rulesOf = ({ dismissals }: Known, followed: readonly Outcome[]): readonly RuleRecord[] =>
  adviceActions.map((action) => {
    const own = followed.filter((outcome) => outcome.action === action);
    const helped = own.filter((outcome) => outcome.helped).length;
    const put = dismissals.filter((dismissal) => dismissal.action === action);
    return {
      action,
      followed: own.length,
      helped,
      ...(own.length > 0 && { hitRate: rounded(helped / own.length) }),
      ...priorAs(evidenceBinOf(action)),
      dismissed: put.length,
      ...evidenceOf(action, own),
      ...lastWhy(put),
    };
  });

const priorAs = (bin: EvidenceBin) => ({ prior: rounded(priorOf(bin)), cases: bin.cases });

/** Of a kind that is trusted by how clear its evidence is. */
const evidenceOf = (
  action: AdviceAction,
  own: readonly Outcome[],
): Pick<RuleRecord, 'evidence'> => {
  const bins: readonly EvidenceBin[] = evidenceBins[action];
  if (bins.length === 1) return {};
  const evidence = bins.map((bin) => {
    const inside = own.filter(({ strength }) => evidenceBinOf(action, strength) === bin);
    const helped = inside.filter((outcome) => outcome.helped).length;
    return { from: bin.from, followed: inside.length, helped, ...priorAs(bin) };
  });
  return { evidence };
};

const lastWhy = (dismissals: readonly Dismissal[]): { readonly lastWhy?: string } => {
  const last = dismissals.findLast(({ why }) => why !== '');
  return last === undefined ? {} : { lastWhy: last.why };
};

const binOf = (
  followed: readonly Outcome[],
  from: number,
  below: number | undefined,
): readonly ConfidenceBin[] => {
  const inside = followed.filter(
    ({ confidence }) =>
      confidence !== undefined && confidence >= from && (below === undefined || confidence < below),
  );
  if (inside.length === 0) return [];
  const helped = inside.filter((outcome) => outcome.helped).length;
  const sum = inside.reduce((total, { confidence = 0 }) => total + confidence, 0);
  return [
    {
      from,
      to: below ?? 1,
      count: inside.length,
      meanConfidence: rounded(sum / inside.length),
      hitRate: rounded(helped / inside.length),
    },
  ];
};

/** Mean distance between what was said and what came true, each case counted once. */
const errorOf = (confidence: readonly ConfidenceBin[]): number => {
  const count = confidence.reduce((sum, bin) => sum + bin.count, 0);
  const distance = confidence.reduce(
    (sum, { count: each, meanConfidence, hitRate }) =>
      sum + each * Math.abs(meanConfidence - hitRate),
    0,
  );
  return rounded(distance / count);
};

const scoreOf = (
  signal: PredictionScore['signal'],
  tried: readonly Tried[],
): readonly PredictionScore[] => {
  if (tried.length === 0) return [];
  const errors = tried
    .map(({ predicted, actual }) => Math.abs(predicted - actual) / Math.max(actual, 1e-9))
    .toSorted((a, b) => a - b);
  const at = (share: number): number =>
    errors[Math.min(errors.length - 1, Math.floor(share * errors.length))] ?? 0;
  const inside = tried.filter(({ low, high, actual }) => actual >= low && actual <= high).length;
  const over = tried.filter(({ predicted, actual }) => predicted > actual).length;
  return [
    {
      signal,
      count: tried.length,
      medianErrorPercent: rounded(at(0.5) * 100),
      p90ErrorPercent: rounded(at(0.9) * 100),
      insideRange: rounded(inside / tried.length),
      tooHigh: rounded(over / tried.length),
    },
  ];
};

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
