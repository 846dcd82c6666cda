import { randomUUID } from 'node:crypto';
import type { Action, ActionRequest, Plan } from '../protocol/action.ts';
import { answerLost } from '../protocol/errors.ts';
import { toErrorData } from '../protocol/forge-error.ts';
import type { ControlClient } from '../sdk/control/client.ts';
import { describeAction } from './commands/actions.ts';
import { type Io, printJson } from './io.ts';
import { attach, type Target } from './target.ts';

export type PerformOptions = Target & { readonly json?: boolean; readonly plan?: boolean };

const describePlan = ({ title, steps, guards = [], undo }: Plan): readonly string[] => [
  title,
  ...steps.map((step) => `  ${step}`),
  ...guards.map(({ text, isAgainst }) => `${isAgainst ? 'against' : 'for'}: ${text}`),
  `undo: ${undo}`,
];

/** Has it done. Who is left without an answer is not told that nothing runs: others go on with it. */
export const order = async (supervisor: ControlClient, request: ActionRequest): Promise<Action> => {
  try {
    return await supervisor.request('apply', { id: randomUUID(), request, why: '' });
  } catch (error) {
    throw toErrorData(error).code === 'CONTROL_UNREACHABLE' ? answerLost(error) : error;
  }
};

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
    else io.out(`${describePlan(plan).join('\n')}\n`);
    return;
  }
  const action = await order(supervisor, request);
  if (options.json === true) printJson(io, action);
  else io.out(`${describeAction(action)}\n`);
};
