import { verdictAtLatestMs } from '../../advisor/outcome/verify.ts';
import {
  type Action,
  changesLayout,
  isMeasured,
  type Range,
  subjectOf,
  type Verification,
} from '../../protocol/action.ts';
import { hanging } from '../../tui/plain/hanging.ts';

/** What was done, what it was to bring, what came, and what follows from that. */
export const describeActionInFull = (
  action: Action,
  { width, now }: { readonly width: number; readonly now: number },
): string => {
  const { id, kind, by, status, startedAt, why, recommendation, error, undo } = action;
  const advice = recommendation === undefined ? '' : ` (advice ${recommendation})`;
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['when', whenOf(action)],
    ['what', changesLayout(action) ? changeOf(action) : undefined],
    ['why', why === '' && advice === '' ? undefined : `${why}${advice}`.trim()],
    ['error', error],
    ...figuresOf(action.verification),
    ['verdict', verdictOf(action, now)],
    ['undo', undo],
  ];
  return [
    `${`${kind} ${subjectOf(action)}`.trim()}  ${status}  ${id}  by ${by.user}  ${startedAt}`,
    ...parts.flatMap(([label, text]) =>
      text === undefined ? [] : hanging(`  ${label}`.padEnd(indent), text, width),
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

const indent = 11;

const whenOf = ({ startedAt, finishedAt, failedRequests }: Action): string | undefined => {
  if (finishedAt === undefined) return undefined;
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;
  return `took ${seconds.toFixed(1)} s, ${failedRequests} requests failed meanwhile`;
};

const changeOf = ({ from, to }: Action): string =>
  `${from.group}×${from.workers} → ${to.group}×${to.workers}`;

const signals = [
  { signal: 'cpu', name: 'CPU per worker', unit: '%' },
  { signal: 'latencyP99Ms', name: 'P99', unit: 'ms' },
] as const;

/** What was said for the load that came, and what came: one line each. */
const figuresOf = (
  verification: Verification | undefined,
): readonly (readonly [string, string])[] => {
  if (verification === undefined) return [];
  const { predicted, range, actual } = verification;
  const said = signals.flatMap(({ signal, name, unit }) => {
    const value = predicted[signal];
    return value === undefined
      ? []
      : `${name} ${value.toFixed(0)} ${unit}${within(range?.[signal])}`;
  });
  const came = signals.map(({ signal, name, unit }) => {
    const value = actual[signal];
    return `${name} ${value.toFixed(0)} ${unit}${isInside(value, range?.[signal])}`;
  });
  return [
    [
      'said',
      said.length === 0 ? 'nothing was predicted' : `${said.join(', ')} at the load that came`,
    ],
    ['came', came.join(', ')],
  ];
};

const within = (range: Range | undefined): string =>
  range === undefined ? '' : ` (${range.low.toFixed(0)} to ${range.high.toFixed(0)})`;

const isInside = (value: number, range: Range | undefined): string => {
  if (range === undefined) return '';
  return value >= range.low && value <= range.high ? ' (inside)' : ' (outside)';
};

const verdictOf = (action: Action, now: number): string => {
  const { verification } = action;
  if (verification !== undefined) return sentenceOf(verification);
  return awaitedOf(action, now);
};

const sentenceOf = ({ helped, inconclusive, because }: Verification): string => {
  const why = because === undefined ? '' : `: ${because}`;
  if (inconclusive === true) return `it cannot be told whether it helped${why}`;
  return `${helped ? 'it helped' : 'it did not help'}${why}`;
};

/** Why there is none. */
const awaitedOf = (action: Action, now: number): string => {
  if (!changesLayout(action)) return 'none: no service runs otherwise for it';
  if (!isMeasured(action)) return 'none: whether it helped is no question';
  if (action.status === 'running') return 'none yet: it is under way';
  if (action.status === 'failed') return 'none: it was not done';
  const age = now - Date.parse(action.finishedAt ?? action.startedAt);
  return age <= verdictAtLatestMs
    ? `none yet: its effect is being measured, for ${Math.round(verdictAtLatestMs / 1_000)} s at most`
    : 'none: it was not measured';
};
