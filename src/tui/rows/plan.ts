import type { Guard } from '../../protocol/action.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Readable } from '../state/view.ts';
import type { Theme } from '../theme.ts';
import { numbered } from './advisor.ts';
import { boxRows, insideOf, isBeside } from './box.ts';
import { plural } from './figures.ts';
import { type Frame, type Line, toned } from './line.ts';
import { costOf, costOfRequest, effectLines, labelled, wrapped } from './recommendation.ts';

export type PlanOptions = Frame & {
  readonly items: readonly Readable[];
  /** Which button is chosen. */
  readonly apply: boolean;
  readonly isDry?: boolean;
  readonly foot: Line;
  readonly rows: number;
};

/** What applying would do, before anything is changed. */
export const planRows = (snapshot: Snapshot, options: PlanOptions): readonly string[] => {
  const { items, apply, isDry, foot, rows } = options;
  const [only] = items;
  const lines =
    items.length === 1 && only !== undefined
      ? planLines(only, snapshot, options)
      : items.map(shortLine);
  const name = items.length === 1 ? (only?.plan.title ?? '') : plural(items.length, 'action');
  const title = [`PLAN  ${name}`, name].find((text) => isBeside([text], [], options)) ?? name;
  const said = isDry === true ? 'to read only' : 'nothing changed yet';
  const sure = items.length === 1 ? sureOf(only?.recommendation) : '';
  const aside = [`${sure}${said}`, said].find((text) => isBeside([title], [text], options)) ?? '';
  const buttons: Line =
    isDry === true
      ? button('Close', true)
      : [...button('Cancel', !apply), '   ', ...button('Apply', apply)];
  const room = Math.max(0, rows - 4);
  return boxRows(
    {
      title: [toned('bold', title)],
      aside: [aside],
      lines: [...lines.slice(0, room), ...(room > lines.length ? [[]] : []), buttons],
      foot,
    },
    options,
  );
};

const sureOf = (advice: Recommendation | undefined): string =>
  advice === undefined ? '' : `confidence ${(advice.confidence * 100).toFixed(0)}%  `;

/** The most that a plan has, when there is room for it. */
export const planHeight = ({ length }: readonly Readable[]): number =>
  length === 1 ? 20 : length + 4;

const planLines = (
  { plan, recommendation }: Readable,
  snapshot: Snapshot,
  { width, theme, rows }: PlanOptions,
): readonly Line[] => {
  const inside = insideOf(width);
  const steps = labelled('steps', numbered(plan.steps, inside));
  const command = labelled('command', [[plan.command]]);
  const isTight = rows < planHeight([{ plan }]) - 4;
  const { guards: all = [] } = plan;
  const guards = guardLines(isTight ? all.filter(isAgainst) : all, inside, theme);
  if (recommendation === undefined) {
    const { request } = plan;
    const cost = request === undefined ? undefined : costOfRequest(request, snapshot);
    return [
      ...steps,
      ...(cost === undefined ? [] : labelled('cost', [[cost]])),
      ...guards,
      ...labelled('undo', [[plan.undo]]),
      ...command,
    ];
  }
  const cost = costOf(recommendation, snapshot);
  const why = labelled('why', wrapped(recommendation.reason, inside));
  return [
    ...(isTight ? [] : why),
    ...steps,
    ...labelled('effect', effectLines(recommendation, { width: inside, theme })),
    ...(cost === undefined ? [] : labelled('cost', [[cost]])),
    ...guards,
    ...labelled('check', [['P99 is measured afterwards, and compared with this']]),
    ...labelled('undo', [[`u at any time, or ${plan.undo}`]]),
    ...command,
  ];
};

const isAgainst = ({ isAgainst }: Guard): boolean => isAgainst;

const guardLines = (guards: readonly Guard[], inside: number, theme: Theme): readonly Line[] => {
  const glyphs = glyphsOf(theme);
  const lines = guards.flatMap(({ text, isAgainst }): readonly Line[] => {
    const [severity, room] = [isAgainst ? 'warning' : 'ok', inside - 2] as const;
    return wrapped(text, room).map((line, index) => [
      index === 0 ? toned(severity, `${glyphs[severity]} `) : '  ',
      ...line,
    ]);
  });
  return labelled('guards', lines);
};

const shortLine = ({ plan }: Readable, index: number): Line => [
  toned('dim', `${index + 1} `.padStart(3)),
  plan.title.padEnd(42),
  toned('dim', `  ${plan.command}`),
];

const button = (label: string, chosen: boolean): Line =>
  chosen ? [toned('key', `[ ${label} ]`)] : [toned('dim', `  ${label}  `)];
