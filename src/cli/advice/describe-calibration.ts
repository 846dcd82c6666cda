import type {
  Calibration,
  ConfidenceBin,
  PredictionScore,
  RuleRecord,
} from '../../protocol/calibration.ts';

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** How far the advice can be relied on, on one screen. */
export const describeCalibration = (calibration: Calibration): string => {
  const { rules, confidence, calibrationError, predictions } = calibration;
  const error =
    calibrationError === undefined
      ? ['', 'No advice was followed yet: confidence is that of before it met this app.']
      : [
          '',
          'confidence    followed  said  helped',
          ...confidence.map(describeBin),
          `off by ${percent(calibrationError)} on average`,
        ];
  const predicted =
    predictions.length === 0
      ? ['', 'No prediction was tried yet.']
      : [
          '',
          'predicted     tried  error median  of nine in ten  in range (80 %)  too high',
          ...predictions.map(describeScore),
        ];
  return [
    'rule         followed  helped          before         dismissed',
    ...rules.flatMap((rule) => [describeRule(rule), ...describeEvidence(rule)]),
    ...error,
    ...predicted,
  ]
    .map((line) => `${line}\n`)
    .join('');
};

const describeRule = (rule: RuleRecord): string => {
  const { action, followed, helped, hitRate, dismissed, lastWhy } = rule;
  const rate = hitRate === undefined ? '–' : `${helped} (${percent(hitRate)})`;
  const why = lastWhy === undefined ? '' : `  ${lastWhy}`;
  return `${action.padEnd(13)}${String(followed).padStart(8)}  ${rate.padEnd(14)}  ${beforeIn(rule)}  ${String(dismissed).padStart(9)}${why}`;
};

/** Of how many cases it is known. */
const beforeIn = ({ prior, cases }: Pick<RuleRecord, 'prior' | 'cases'>): string =>
  `${percent(prior)}${cases === undefined ? '' : ` of ${cases}`}`.padEnd(13);

const describeEvidence = ({ evidence = [] }: RuleRecord): readonly string[] =>
  evidence.map((bin) => {
    const { from, followed, helped } = bin;
    const rate = followed === 0 ? '–' : `${helped} (${percent(helped / followed)})`;
    return `${`  from ${percent(from)}`.padEnd(13)}${String(followed).padStart(8)}  ${rate.padEnd(14)}  ${beforeIn(bin)}`.trimEnd();
  });

const describeBin = ({ from, to, count, meanConfidence, hitRate }: ConfidenceBin): string =>
  `${`${from.toFixed(1)} to ${to.toFixed(1)}`.padEnd(12)}  ${String(count).padStart(8)}  ${percent(meanConfidence).padStart(4)}  ${percent(hitRate).padStart(6)}`;

const names = { cpu: 'CPU', latencyP99Ms: 'P99' } as const;

const describeScore = (score: PredictionScore): string => {
  const { signal, count, medianErrorPercent, p90ErrorPercent, insideRange, tooHigh } = score;
  return `${names[signal].padEnd(12)}  ${String(count).padStart(5)}  ${`${medianErrorPercent.toFixed(1)} %`.padStart(12)}  ${`${p90ErrorPercent.toFixed(1)} %`.padStart(14)}  ${percent(insideRange).padStart(15)}  ${percent(tooHigh).padStart(8)}`;
};
