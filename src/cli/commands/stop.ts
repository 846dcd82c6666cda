import { Command } from 'commander';
import { duration } from '../arguments.ts';
import type { Io } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly timeout: number };

export const stopCommand = (io: Io): Command =>
  withTarget(new Command('stop'))
    .description('Drain and stop the app; nothing is left behind')
    .option('--timeout <time>', 'how long workers may take to end', duration, 30_000)
    .action(async (options: Options) => {
      await using supervisor = await attach(options, 'operator');
      await supervisor.request('stop', { timeoutMs: options.timeout });
      await supervisor.closed;
      io.err('stopped\n');
    });
