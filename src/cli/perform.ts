import { randomUUID } from 'node:crypto';
import type { ActionRequest, Plan } from '../protocol/action.ts';
import { describeAction } from './commands/actions.ts';
import { type Io, printJson } from './io.ts';
import { attach, type Target } from './target.ts';

export type PerformOptions = Target & { readonly json?: boolean; readonly plan?: boolean };

/** Has the supervisor do it, or only say how. */
const describePlan = ({ title, steps, guards = [], undo }: Plan): readonly string[] => [
  title,
  ...steps.map((step) => `  ${step}`),
  ...guards.map(({ text, isAgainst }) => `${isAgainst ? 'against' : 'for'}: ${text}`),
  `undo: ${undo}`,
];

export const performOn = async (
  io: Io,
  options: PerformOptions,
  request: ActionRequest,
): Promise<void> => {
  await using supervisor = await attach(options, 'operator');
  if (options.plan === true) {
    const plan = await supervisor.request('plan', { request });
    if (options.json === true) printJson(io, plan);
    else io.out(`${describePlan(plan).join('\n')}\n`);
    return;
  }
  const action = await supervisor.request('apply', { id: randomUUID(), request, why: '' });
  if (options.json === true) printJson(io, action);
  else io.out(`${describeAction(action)}\n`);
};
