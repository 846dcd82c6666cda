import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';
import { describeAction } from './actions.ts';

export const undoCommand = (io: Io): Command =>
  withTarget(new Command('undo'))
    .description('Take back the last action, or the one named')
    .argument('[action]', 'id, as `forge actions` prints it')
    .option('--json', 'print the action as one JSON document')
    .action(async (id: string | undefined, options: Target & { readonly json?: boolean }) => {
      await using supervisor = await attach(options, 'operator');
      const action = await supervisor.request('undo', id === undefined ? {} : { action: id });
      if (options.json === true) printJson(io, action);
      else io.out(`${describeAction(action)}\n`);
    });
