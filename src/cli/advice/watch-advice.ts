import type { Advice } from '../../protocol/advice.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { describeAdvice } from '../../tui/plain/describe-advice.ts';
import type { Io } from '../io.ts';

export type Watching = {
  readonly isJson: boolean;
  /** Ends the watch. */
  readonly isEnough: (advice: Advice) => boolean;
};

/** What makes advice another one; figures that follow the second do not. */
const gist = ({ recommendations, notAdvised, undo = [] }: Advice): string =>
  JSON.stringify([
    recommendations.map(({ id, severity }) => `${id} ${severity}`),
    notAdvised.map(({ service, action }) => `${service} ${action}`).toSorted(),
    undo.map(({ action }) => action),
  ]);

/** Prints the advice whenever it changes, until it is enough or the supervisor is gone. */
export const watchAdvice = async (
  io: Io,
  supervisor: ControlClient,
  { isJson, isEnough }: Watching,
): Promise<Advice | undefined> => {
  let shown = '';
  let found: Advice | undefined;
  const show = (advice: Advice): void => {
    if (gist(advice) === shown || found !== undefined) return;
    shown = gist(advice);
    const time = advice.at.slice(11, 19);
    io.out(
      isJson ? `${JSON.stringify(advice)}\n` : `${time} UTC\n${describeAdvice(advice, io.columns)}`,
    );
    if (isEnough(advice)) found = advice;
    if (found !== undefined || io.isGone()) supervisor.close();
  };
  const first = await supervisor.subscribe(1_000, ({ advice }) => show(advice));
  show(first.advice);
  await supervisor.closed;
  return found;
};
