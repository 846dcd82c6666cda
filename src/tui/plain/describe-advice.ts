import type {
  Advice,
  Interval,
  NotAdvised,
  Recommendation,
  UndoOffer,
} from '../../protocol/advice.ts';
import { isByHand, stateOf } from '../../protocol/advice.ts';
import { hanging } from './hanging.ts';

/** All that the advisor says now, to be read by people. */
export const describeAdvice = (advice: Advice, width: number): string => {
  const { recommendations, notAdvised, undo = [], autopilot, mode } = advice;
  const isQuiet = recommendations.length === 0 && undo.length === 0;
  return [
    ...(isQuiet ? [mode === 'observe' ? silence : 'Nothing to do: there is no advice.'] : []),
    ...recommendations.flatMap((each) => describeRecommendation(each, width)),
    ...undo.flatMap((each) => describeOffer(each, width)),
    ...(autopilot?.held ?? []).flatMap(({ service, because }) =>
      hanging(`autopilot waits with ${service}: `, because, width),
    ),
    ...notAdvised.flatMap((each) => describeRefusal(each, width)),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

const silence = 'It only observes, and says nothing; `forge autopilot suggest` lets it speak.';

export const describeRecommendation = (
  recommendation: Recommendation,
  width: number,
): readonly string[] => {
  const { id, action, service, reason, command, prediction } = recommendation;
  const accept = isByHand(recommendation) ? '' : `   or: forge advise accept ${id}`;
  return [
    `${id}  ${stateOf(recommendation).padEnd(8)} ${action} ${service} (${describeConfidence(recommendation)})`,
    ...hanging('  why   ', reason, width),
    ...describePrediction(prediction).flatMap((text) => hanging('  then  ', text, width)),
    ...(isByHand(recommendation)
      ? recommendation.steps.flatMap((step, index) =>
          hanging(index === 0 ? '  do    ' : '        ', `${index + 1} ${step}`, width),
        )
      : []),
    ...hanging(isByHand(recommendation) ? '  more  ' : '  do    ', `${command}${accept}`, width),
  ];
};

/** `confidence 0.88, 379 of 420 came true`. */
export const describeConfidence = ({ confidence, record }: Recommendation): string => {
  const known = record === undefined ? '' : `, ${record.cameTrue} of ${record.cases} came true`;
  return `confidence ${confidence.toFixed(2)}${known}`;
};

/** `P99 612 → 118 ms (95 to 150)`. */
export const describePrediction = ({
  cpu,
  latencyP99Ms,
  pending,
}: Recommendation['prediction']): readonly string[] => {
  const parts = [
    ...intervalText('CPU per worker', cpu, ' %'),
    ...intervalText('P99', latencyP99Ms, ' ms'),
    ...intervalText('pending', pending, ''),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
};

/** `P99 612 ms`, of what is there now. */
export const describeNow = ({
  cpu,
  latencyP99Ms,
  pending,
}: Recommendation['prediction']): readonly string[] => {
  const parts = [
    ...figureText('CPU per worker', cpu, ' %'),
    ...figureText('P99', latencyP99Ms, ' ms'),
    ...figureText('pending', pending, ''),
  ];
  return parts.length === 0 ? [] : [`as in the last seconds: ${parts.join(', ')}`];
};

const figureText = (name: string, interval: Interval | undefined, unit: string) =>
  interval === undefined ? [] : [`${name} ${interval.from.toFixed(0)}${unit}`];

const intervalText = (
  name: string,
  interval: Interval | undefined,
  unit: string,
): readonly string[] => {
  if (interval === undefined) return [];
  const { from, to, low, high } = interval;
  const whole = (value: number): string => value.toFixed(0);
  return [`${name} ${whole(from)} → ${whole(to)}${unit} (${whole(low)} to ${whole(high)})`];
};

const describeOffer = ({ kind, service, because, command }: UndoOffer, width: number) => [
  `${kind} ${service} did not help`,
  ...hanging('  why   ', because, width),
  `  do    ${command}`,
];

const describeRefusal = ({ action, service, because }: NotAdvised, width: number) =>
  hanging(`not ${action} ${service}: `, because, width);
