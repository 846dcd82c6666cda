import { Command } from 'commander';
import { seconds } from '../../protocol/units.ts';
import { timeOption, wait } from '../arguments.ts';
import type { Io } from '../io.ts';
import { attachUntil, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly timeout: number };

export const waitCommand = (io: Io): Command =>
  withTarget(new Command('wait'))
    .description('Wait until every service is ready; exit 3 when it takes too long')
    .option('--ready', 'wait for ready (the default)')
    .addOption(
      timeOption('--timeout <time>', 'how long to wait', { parse: wait, usually: seconds(30) }),
    )
    .action(async (options: Options) => {
      const until = Date.now() + options.timeout;
      await using supervisor = await attachUntil(options, until);
      await supervisor.request('wait', { timeoutMs: Math.max(1, until - Date.now()) });
      io.err('ready\n');
    });
