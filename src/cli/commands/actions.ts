import { Command } from 'commander';
import type { Action, Verification } from '../../protocol/action.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean };

export const actionsCommand = (io: Io): Command =>
  withTarget(new Command('actions'))
    .description('List what was done, by whom, why, and whether it helped')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      await using supervisor = await attach(options);
      const list = await supervisor.request('actions', {});
      if (options.json === true) printJson(io, list);
      else io.out(list.actions.map((action) => `${describeAction(action)}\n`).join(''));
    });

/** One line: what, from where to where, how it ended and whether it helped. */
export const describeAction = (action: Action): string => {
  const { from, to, verification } = action;
  const change = `${from.group}×${from.workers} → ${to.group}×${to.workers}`;
  const undo = action.undo === undefined ? '' : `   undo: ${action.undo}`;
  return `${action.id}  ${action.kind} ${action.service}  ${change}  ${action.status}${verdictOf(verification)}${undo}`;
};

const verdictOf = (verification: Verification | undefined): string => {
  if (verification === undefined) return '';
  const { helped, inconclusive } = verification;
  if (inconclusive === true) return ', no verdict';
  return helped ? ', helped' : ', no effect';
};
