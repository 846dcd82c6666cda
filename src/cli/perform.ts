import { randomUUID } from 'node:crypto';
import type { ActionRequest } from '../protocol/action.ts';
import { describeAction } from './commands/actions.ts';
import { type Io, printJson } from './io.ts';
import { attach, type Target } from './target.ts';

export type PerformOptions = Target & { readonly json?: boolean; readonly plan?: boolean };

/** Has the supervisor do it, or only say how. */
export const performOn = async (
  io: Io,
  options: PerformOptions,
  request: ActionRequest,
): Promise<void> => {
  await using supervisor = await attach(options, 'operator');
  if (options.plan === true) {
    const plan = await supervisor.request('plan', { request });
    if (options.json === true) printJson(io, plan);
    else
      io.out(
        `${[plan.title, ...plan.steps.map((step) => `  ${step}`), `undo: ${plan.undo}`].join('\n')}\n`,
      );
    return;
  }
  const action = await supervisor.request('apply', { id: randomUUID(), request, why: '' });
  if (options.json === true) printJson(io, action);
  else io.out(`${describeAction(action)}\n`);
};
