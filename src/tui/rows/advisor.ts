import {
  type Evidence,
  isByHand,
  type NotAdvised,
  type Recommendation,
  stateOf,
} from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import { glyphsOf } from '../glyphs.ts';
import { boxRows, insideOf, isBeside } from './box.ts';
import { hitRate } from './hit-rate.ts';
import { type Frame, type Line, toned } from './line.ts';
import {
  costOf,
  effectLines,
  evidenceLine,
  headline,
  labelled,
  undoOf,
  wrapped,
} from './recommendation.ts';

export type AdvisorOptions = Frame & {
  readonly index: number;
  /** Rows there may be, the edges included. */
  readonly rows: number;
  /** The keys that act on it. */
  readonly foot?: Line;
  /** A list of all advice stands beside it. */
  readonly isListed?: boolean;
};

/** A line and how soon it is left out when there is no room: the highest rank goes first. */
type Ranked = { readonly rank: number; readonly line: Line };

export const advisorRows = (snapshot: Snapshot, options: AdvisorOptions): readonly string[] => {
  const { recommendations } = snapshot.advice;
  const advice = recommendations[options.index];
  const room = options.rows - 2;
  if (room < 1) return [];
  if (advice === undefined) {
    return boxRows(
      {
        title: [toned('bold', 'ADVISOR')],
        aside: [asideOf(snapshot)],
        lines: quiet(snapshot).slice(0, room),
      },
      options,
    );
  }
  const { foot = [], isListed = false } = options;
  const helped = hitRate(snapshot, advice.action);
  const title = titleOf(advice, { ...options, count: recommendations.length });
  return boxRows(
    {
      title,
      // What is advised is read before how sure it is.
      aside: sureness(advice).find((sure) => isBeside(title, sure, options)) ?? [],
      // And what can be done about it before how often that was right.
      footAside: !isListed && isBeside(foot, [helped], options) ? [helped] : [],
      lines: best(adviceLines(advice, snapshot, options), room),
      foot,
    },
    options,
  );
};

/** How sure it is, and of how many cases, or less of that. */
const sureness = ({ confidence, record }: Recommendation): readonly Line[] => {
  const sure = `confidence ${(confidence * 100).toFixed(0)}%`;
  const known = record === undefined ? '' : ` (${record.cameTrue} of ${record.cases} came true)`;
  return [[`${sure}${known}`], [sure]];
};

type TitleOptions = AdvisorOptions & { readonly count: number };

/** The narrower the panel, the less stands before what is advised. */
const titleOf = (advice: Recommendation, options: TitleOptions): Line => {
  const { theme, index, count, isListed = false } = options;
  const glyph = glyphsOf(theme)[advice.severity];
  const place = `${index + 1}/${count}  `;
  const what = toned('bold', headline(advice, theme));
  const named = toned(advice.severity, `${glyph} ${stateOf(advice)}  `);
  const titles: readonly Line[] = [
    [isListed ? '' : toned('bold', `ADVISOR ${place}`), named, what],
    [toned('bold', place), named, what],
    [toned('bold', place), toned(advice.severity, `${glyph} `), what],
  ];
  return titles.find((title) => isBeside(title, [], options)) ?? titles.at(-1) ?? [];
};

const adviceLines = (
  advice: Recommendation,
  snapshot: Snapshot,
  { width, theme }: Frame,
): readonly Ranked[] => {
  const inside = insideOf(width);
  const ranked = (rank: number, lines: readonly Line[]): readonly Ranked[] =>
    lines.map((line, index) => ({ rank: rank + index, line }));
  const cost = costOf(advice, snapshot);
  const evidence = strongest(advice).map((each) => evidenceLine(each, { width, theme }));
  return [
    ...ranked(0, labelled('why', wrapped(advice.reason, inside))),
    ...evidence.map((line, index) => ({ rank: index === 0 ? 2 : 20 + index, line })),
    ...(isByHand(advice)
      ? ranked(10, labelled('by hand', numbered(advice.steps, inside)))
      : ranked(5, labelled('effect', effectLines(advice, { width: inside, theme })))),
    ...(cost === undefined ? [] : ranked(25, labelled('cost', [[cost]]))),
    ...(isByHand(advice) ? [] : ranked(30, labelled('undo', [[undoOf(advice)]]))),
    ...ranked(40, labelled('command', [[advice.command]])),
  ];
};

/** The signal furthest over its line first. */
const strongest = ({ evidence }: Recommendation): readonly Evidence[] =>
  evidence.toSorted((a, b) => b.value / b.critical - a.value / a.critical);

export const numbered = (steps: readonly string[], width: number): readonly Line[] =>
  steps.flatMap((step, index) => wrapped(`${index + 1} ${step}`, width));

const best = (lines: readonly Ranked[], count: number): readonly Line[] => {
  const kept = new Set(lines.toSorted((a, b) => a.rank - b.rank).slice(0, count));
  return lines.filter((each) => kept.has(each)).map(({ line }) => line);
};

/** Whether it acts by itself, and how often what it said has helped. */
export const asideOf = (snapshot: Snapshot): string => {
  const mode = snapshot.status.autopilot?.mode;
  const said = mode === undefined ? '' : `mode: ${mode}`;
  return [said, hitRate(snapshot)].filter((part) => part !== '').join('  ');
};

/** Without advice: that all is well, or why nothing is said. */
const quiet = ({ advice, status }: Snapshot): readonly Line[] => {
  const groups = Map.groupBy(advice.notAdvised, ({ because }) => because);
  const reasons = [...groups].map(
    ([because, services]): Line => [`no advice ${on(services)}: ${because}`],
  );
  if (status.autopilot?.mode === 'observe') return [['it only watches, m lets it speak again']];
  const isCalm = status.services.every(({ severity }) => severity === 'ok');
  return [[isCalm ? 'no service is under pressure' : 'no advice now'], ...reasons];
};

const on = (services: readonly NotAdvised[]): string =>
  services.length > 3
    ? `on ${services.length} services`
    : `on ${services.map(({ service }) => service).join(', ')}`;
