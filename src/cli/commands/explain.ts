import { Command } from 'commander';
import type { Action } from '../../protocol/action.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import { idMeant } from '../../protocol/short-id.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean; readonly slow?: boolean };

export const explainCommand = (io: Io): Command =>
  withTarget(new Command('explain'))
    .description('Say why the advisor says what it says of a service, or what became of an action')
    .argument('<name|id>', 'a service, or the id of a recommendation or of an action')
    .option('--slow', 'of a service: its slowest calls of the last minute, and their traces')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (of: string, options: Options) => {
      if (options.slow === true) return listSlow(io, of, options);
      try {
        await explainAdvice(io, of, options);
      } catch (error) {
        const isElsewhere = mayBeAction.has(toErrorData(error).code);
        if (!isElsewhere || !(await explainAction(io, of, options))) throw error;
      }
    })
    .addCommand(allocationCommand(io));

const explainAdvice = async (io: Io, of: string, options: Options): Promise<void> => {
  await using supervisor = await attach(options);
  const explanation = await supervisor.request('explain', { of });
  if (options.json === true) return printJson(io, explanation);
  const { describeExplanation } = await import('../../tui/plain/describe-explanation.ts');
  io.out(describeExplanation(explanation, io.columns));
};

const listSlow = async (io: Io, service: string, options: Options): Promise<void> => {
  await using supervisor = await attach(options);
  const slow = await supervisor.request('slowest', { service });
  if (options.json === true) return printJson(io, slow);
  const { describeSlow } = await import('../../tui/plain/describe-slow.ts');
  io.out(describeSlow(slow, io.columns));
};

/** What is no service may have been done to one, or was advised; that stays known when no supervisor runs. */
const mayBeAction = new Set(['UNKNOWN_SERVICE', 'UNKNOWN_ADVICE', 'CONTROL_UNREACHABLE']);

const actionNamed = async (id: string, options: Options): Promise<Action | undefined> => {
  const { readActions } = await import('../action-source.ts');
  const actions = await readActions(options, 0);
  const known = actions.flatMap((action) => [action.id, action.recommendation ?? action.id]);
  const meant = idMeant(id, known);
  if (meant === undefined) return undefined;
  return actions.findLast(({ id: own, recommendation }) => [own, recommendation].includes(meant));
};

/** False when there is no such action. */
const explainAction = async (io: Io, id: string, options: Options): Promise<boolean> => {
  const action = await actionNamed(id, options);
  if (action === undefined) return false;
  if (options.json === true) printJson(io, { version: 1, action });
  else {
    const { describeActionInFull } = await import('../advice/describe-action.ts');
    io.out(describeActionInFull(action, { width: io.columns, now: Date.now() }));
  }
  return true;
};

const allocationCommand = (io: Io): Command =>
  withTarget(new Command('allocation'))
    .description('Say how the cores and the memory are divided among the groups')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      await using supervisor = await attach(options);
      const report = await supervisor.request('allocation', {});
      if (options.json === true) printJson(io, report);
      else {
        const { describeAllocation } = await import('../describe-allocation.ts');
        io.out(`${describeAllocation(report).join('\n')}\n`);
      }
    });
