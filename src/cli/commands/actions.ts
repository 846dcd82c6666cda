import { Command } from 'commander';
import { type Action, isMeasured, subjectOf, type Verification } from '../../protocol/action.ts';
import { spoken } from '../../protocol/topology.ts';
import { moment } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { plain } from '../plain.ts';
import { type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean; readonly since?: number };

export const actionsCommand = (io: Io): Command =>
  withTarget(new Command('actions'))
    .description('List what was done, by whom, why, and whether it helped')
    .option('--since <time>', 'all since a time such as 7d (ago) or 2026-11-22T10:00Z', moment)
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      const { readActions } = await import('../action-source.ts');
      const actions = await readActions(options, options.since);
      if (options.json === true) printJson(io, { version: 1, actions });
      else io.out(plain(actions.map((action) => `${describeAction(action)}\n`).join('')));
    });

/** One line: what, from where to where, how it ended, whether it helped, by whom and why. */
export const describeAction = (action: Action): string => {
  const { from, to, verification, error, by, why, startedAt } = action;
  // What is stopped or started says by its name all that there is to say.
  const change = isMeasured(action) ? `  ${sizeOf(from)} → ${sizeOf(to)}` : '';
  const problem = error === undefined ? '' : `: ${spoken(error)}`;
  const reason = why === '' ? '' : ` (${why})`;
  const undo = action.undo === undefined ? '' : `   undo: ${action.undo}`;
  const what = `${action.kind} ${subjectOf(action)}`.trim();
  return `${startedAt}  ${action.id}  ${what}${change}  ${action.status}${verdictOf(verification)}${problem}  by ${by.user}${reason}${undo}`;
};

const sizeOf = ({ group, workers }: Action['from']): string => `${spoken(group)}×${workers}`;

const verdictOf = (verification: Verification | undefined): string => {
  if (verification === undefined) return '';
  const { helped, inconclusive } = verification;
  if (inconclusive === true) return ', no verdict';
  return helped ? ', helped' : ', no effect';
};
