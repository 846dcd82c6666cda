import { Command } from 'commander';
import { seconds } from '../../protocol/units.ts';
import { timeOption, wait } from '../arguments.ts';
import { notReadyCode, tellFailures } from '../failures.ts';
import type { Io } from '../io.ts';
import { attachUntil, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly timeout: number };

export const waitCommand = (io: Io): Command =>
  withTarget(new Command('wait'))
    .description(
      'Wait until every service is ready; exit 3 when one has failed, or it takes too long',
    )
    .option('--ready', 'wait for ready (the default)')
    .addOption(
      timeOption('--timeout <time>', 'how long to wait', { parse: wait, usually: seconds(30) }),
    )
    .action(async (options: Options) => {
      const until = Date.now() + options.timeout;
      await using supervisor = await attachUntil(options, until);
      const timeoutMs = Math.max(1, until - Date.now());
      const status = await supervisor.request('wait', { timeoutMs });
      const hasFailed = status.services.some((service) => service.status === 'failed');
      if (hasFailed) {
        tellFailures(io, status);
        io.exitWith(notReadyCode);
      } else io.err('ready\n');
    });
