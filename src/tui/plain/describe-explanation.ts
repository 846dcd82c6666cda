import { type Recommendation, stateOf } from '../../protocol/advice.ts';
import type { Explanation, Question, SignalReading } from '../../protocol/explanation.ts';
import { describeConfidence, describeNow, describePrediction } from './describe-advice.ts';
import { hanging } from './hanging.ts';

/** The decision tree with the numbers of now, for a screen of this width. */
export const describeExplanation = (explanation: Explanation, width: number): string => {
  const { service, recommendation, verdict, signals, candidates, tree } = explanation;
  const { notAdvised, wouldChange, load } = explanation;
  const head =
    recommendation === undefined
      ? service
      : `${service}  ${stateOf(recommendation)}  ${recommendation.id}  ${describeConfidence(recommendation)}`;
  return [
    head,
    ...hanging('  verdict  ', verdict, width),
    ...section(
      'now',
      signals.flatMap((one) => [describeReading(one), ...describeBurn(one)]),
    ),
    ...section('time', [describeTime(explanation)], width),
    ...section('load', [describeLoad(explanation)], width),
    ...section(
      'sizes',
      candidates.map(({ workers, prediction }) => {
        const describe = workers === load.workers ? describeNow : describePrediction;
        return [`${workers}:`, ...describe(prediction)].join(' ');
      }),
      width,
    ),
    '  tree',
    ...tree.flatMap((question, index) => describeQuestion(question, index, width)),
    ...section(
      'not',
      notAdvised.map(({ action, because }) => `${action}: ${because}`),
      width,
    ),
    ...section('change', wouldChange, width),
    ...section('do', recommendation === undefined ? [] : toDo(recommendation), width),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

/** The command of what is to be looked into is the one that printed this. */
const toDo = ({ action, command, steps }: Recommendation): readonly string[] =>
  action === 'investigate' ? steps.map((step, index) => `${index + 1} ${step}`) : [command];

const indent = 11;

const section = (name: string, texts: readonly string[], width = 80): readonly string[] =>
  texts.flatMap((text, index) =>
    hanging((index === 0 ? `  ${name}` : '').padEnd(indent), text, width),
  );

const names = {
  // Of the busiest worker.
  cpu: 'CPU max',
  latencyP99Ms: 'P99',
  pending: 'pending',
  memoryMb: 'memory',
  errorPercent: 'errors',
} as const;
const units = {
  cpu: '%',
  latencyP99Ms: 'ms',
  pending: '',
  memoryMb: 'MB',
  errorPercent: '%',
} as const;

/** No answer takes no time, and no process no memory: of these nothing was measured. */
const isUnknown = ({ signal, value }: SignalReading): boolean =>
  value === 0 && (signal === 'latencyP99Ms' || signal === 'memoryMb');

const describeReading = (reading: SignalReading): string => {
  const { signal, value, warning, critical, heldMs } = reading;
  const held = heldMs === undefined ? '' : `  over for ${(heldMs / 1_000).toFixed(0)} s`;
  const figure = isUnknown(reading) ? '–' : `${value} ${units[signal]}`.trimEnd();
  return `${names[signal].padEnd(8)}${figure.padStart(10)}  lines ${warning} and ${critical}${held}`;
};

/** Both windows of a pair, and their line; nothing while nothing is used up. */
const describeBurn = ({ burn = [] }: SignalReading): readonly string[] => {
  if (burn.every(({ times }) => times === 0)) return [];
  const spans = burn.map(({ forMs, times, line }) => `${times}× in ${forMs / 1_000} s (${line})`);
  return [`  bad ${spans.join(', ')}`];
};

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const describeTime = ({ time }: Explanation): string => {
  const parts = [
    `loop wait ${percent(time.loopWait)}`,
    `own code ${percent(time.cpu)}`,
    `outside ${percent(time.external)}`,
    ...Object.entries(time.downstream).map(([callee, share]) => `${callee} ${percent(share)}`),
  ];
  return `${parts.join(', ')} (of the time beyond a calm request)`;
};

const describeLoad = ({ load }: Explanation): string =>
  `${load.cores} cores on ${load.workers} worker${load.workers === 1 ? '' : 's'}, ${load.requestsPerSecond} requests/s, ${load.busyPercent.toFixed(0)} % busy on average; ${load.idleCores} cores of the machine idle`;

const marks = { yes: 'YES', no: 'no', 'not asked': '–' } as const;

const describeQuestion = (
  { question, answer, numbers }: Question,
  index: number,
  width: number,
): readonly string[] => [
  `    ${String(index + 1).padStart(2)} ${question} ${marks[answer]}`,
  ...hanging('       ', numbers, width),
];
