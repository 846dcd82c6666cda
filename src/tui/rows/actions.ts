import { type Action, subjectOf } from '../../protocol/action.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import { spoken } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Theme } from '../theme.ts';
import type { Area } from './beside.ts';
import { filledBox, insideOf, isBeside } from './box.ts';
import { clock, duration } from './figures.ts';
import { hitRate, ownRate } from './hit-rate.ts';
import { type Line, toned } from './line.ts';
import { outcomeOf } from './outcome.ts';
import { labelled, wrapped } from './recommendation.ts';

export type ActionsOptions = Area & { readonly selected: number };

const detailRows = 10;

/** What was done, the newest first, and everything about the one that is selected. */
export const actionRows = (snapshot: Snapshot, options: ActionsOptions): readonly string[] => {
  const { actions } = snapshot;
  const { selected, theme, rows, width } = options;
  const action = actions[selected];
  const below = action === undefined || rows < 16 ? 0 : detailRows;
  const room = rows - below - 2;
  const from = Math.max(0, selected - room + 1);
  const lines = actions
    .slice(from)
    .map((each, index) =>
      actionLine(each, snapshot, { isSelected: from + index === selected, theme, width }),
    );
  const name = toned('bold', 'ACTIONS');
  const rates = [hitRate(snapshot), ownRate(snapshot)].filter((rate) => rate !== '');
  const isRoom = isBeside([name], [rates.join(', ')], options);
  const aside = (isRoom ? rates.join(', ') : rates[0]) || 'none was measured yet';
  const whole: Line = [name, '  the newest first'];
  const list = filledBox(
    {
      title: isBeside(whole, [aside], options) ? whole : [name],
      aside: [aside],
      lines: lines.length === 0 ? [['nothing was done yet']] : lines,
    },
    { ...options, rows: rows - below },
  );
  return action === undefined || below === 0
    ? list
    : [...list, ...oneAction(action, { ...options, rows: below })];
};

const changeOf = (action: Action, theme: Theme): string => {
  const { from, to, kind } = action;
  const size =
    from.workers === to.workers ? '' : ` ${from.workers}${glyphsOf(theme).arrow}${to.workers}`;
  return `${kind} ${subjectOf(action)}${size}`;
};

type Look = { readonly isSelected: boolean; readonly theme: Theme; readonly width: number };

const actionLine = (
  action: Action,
  snapshot: Snapshot,
  { isSelected, theme, width }: Look,
): Line => {
  const isNarrow = width < 72;
  const change = changeOf(action, theme);
  const who = isNarrow ? '' : `${action.by.user.slice(0, 9).padEnd(10)}`;
  return [
    isSelected ? toned('key', glyphsOf(theme).pointer) : ' ',
    ...(isNarrow ? [] : [toned('dim', `${clock(action.startedAt)} `)]),
    `${who}${isNarrow ? change : change.slice(0, 27).padEnd(28)} `,
    ...outcomeOf(action, Date.parse(snapshot.status.at), theme),
  ];
};

/** Predicted against actual, and how it is taken back. */
const oneAction = (action: Action, area: Area): readonly string[] => {
  const { verification, by, finishedAt, startedAt, failedRequests } = action;
  const inside = insideOf(area.width);
  const took =
    finishedAt === undefined
      ? 'still running'
      : `took ${duration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  const origin = by.tty === '' ? by.origin : `${by.origin}, ${by.tty}`;
  return filledBox(
    {
      title: [toned('bold', changeOf(action, area.theme)), `  ${action.id}`],
      aside: [action.status],
      lines: [
        ...labelled('why', wrapped(spoken(action.why), inside)),
        ...labelled('by', [[`${by.user} (${origin}), ${took}, ${failedRequests} failed requests`]]),
        ...labelled('P99', [
          [measure(verification?.predicted.latencyP99Ms, verification?.actual.latencyP99Ms, 'ms')],
        ]),
        ...labelled('CPU', [[measure(verification?.predicted.cpu, verification?.actual.cpu, '%')]]),
        ...labelled('verdict', wrapped(verdictOf(action), inside)),
        ...labelled('undo', [[action.undo ?? 'cannot be taken back']]),
      ],
    },
    area,
  );
};

/** The whole of it: the line of the action has no room for why. */
const verdictOf = ({ verification }: Action): string => {
  if (verification === undefined) return 'none';
  const { helped, inconclusive, because } = verification;
  const word = inconclusive === true ? 'none' : helped ? 'it helped' : 'no effect';
  return because === undefined ? word : `${word}: ${because}`;
};

const measure = (
  predicted: number | undefined,
  actual: number | undefined,
  unit: string,
): string => {
  const expected =
    predicted === undefined ? 'not predicted' : `predicted ${predicted.toFixed(0)} ${unit}`;
  return actual === undefined
    ? `${expected}, not measured`
    : `${expected}, got ${actual.toFixed(0)} ${unit}`;
};
