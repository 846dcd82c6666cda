import { Command } from 'commander';
import { controlUnreachable } from '../../protocol/errors.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { duration } from '../arguments.ts';
import type { Io } from '../io.ts';
import { attach, findSocket, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly timeout: number };

export const waitCommand = (io: Io): Command =>
  withTarget(new Command('wait'))
    .description('Wait until every service is ready; exit 3 when it takes too long')
    .option('--ready', 'wait for ready (the default)')
    .option('--timeout <time>', 'how long to wait', duration, 30_000)
    .action(async (options: Options) => {
      const until = Date.now() + options.timeout;
      await using supervisor = await attachUntil(options, until);
      await supervisor.request('wait', { timeoutMs: Math.max(1, until - Date.now()) });
      io.err('ready\n');
    });

/** The supervisor may be only just starting: try again until it answers or the time is over. */
const attachUntil = async (target: Target, until: number): Promise<ControlClient> => {
  const socket = await findSocket(target);
  let last: unknown;
  while (Date.now() < until) {
    try {
      return await attach({ socket });
    } catch (error) {
      if (toErrorData(error).code !== 'CONTROL_UNREACHABLE') throw error;
      last = error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw controlUnreachable(socket, last);
};
