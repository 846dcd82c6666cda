import type { Plan } from '../../protocol/action.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import { numbered } from './advisor.ts';
import { boxRows, insideOf } from './box.ts';
import { type Frame, type Line, toned } from './line.ts';
import { costOf, effectOf, labelled, wrapped } from './recommendation.ts';

export type PlanOptions = Frame & {
  readonly plan: Plan;
  readonly recommendation: Recommendation;
  /** Which button is chosen. */
  readonly apply: boolean;
  readonly foot: Line;
};

/** What accepting would do, before anything is changed. */
export const planRows = (snapshot: Snapshot, options: PlanOptions): readonly string[] => {
  const { plan, recommendation, apply, foot, width, theme } = options;
  const inside = insideOf(width);
  const cost = costOf(recommendation, snapshot);
  return boxRows(
    {
      title: [toned('bold', `PLAN  ${plan.title}`)],
      aside: ['nothing changed yet'],
      lines: [
        ...labelled('why', wrapped(recommendation.reason, inside)),
        ...labelled('steps', numbered(plan.steps, inside)),
        ...labelled('effect', [[effectOf(recommendation, theme)]]),
        ...(cost === undefined ? [] : labelled('cost', [[cost]])),
        ...labelled('check', [['P99 is measured afterwards, and compared with this']]),
        ...labelled('undo', [[`u at any time, or ${plan.undo}`]]),
        ...labelled('command', [[plan.command]]),
        [],
        [...button('Cancel', !apply), '   ', ...button('Apply', apply)],
      ],
      foot,
    },
    options,
  );
};

const button = (label: string, chosen: boolean): Line =>
  chosen ? [toned('key', `[ ${label} ]`)] : [toned('dim', `  ${label}  `)];
