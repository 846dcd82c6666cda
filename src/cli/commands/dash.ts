import { Command } from 'commander';
import { refused } from '../../protocol/errors.ts';
import { seconds } from '../../protocol/units.ts';
import { timeOption, wait } from '../arguments.ts';
import type { Io } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly every: number };

export const dashCommand = (io: Io): Command =>
  withTarget(new Command('dash'))
    .description('A wallboard of charts, for a screen that nobody touches')
    .addOption(
      timeOption('--every <time>', 'time between two frames', { parse: wait, usually: seconds(1) }),
    )
    .action(async (options: Options) => {
      if (!io.interactive) {
        throw refused('A wallboard needs a terminal', 'Use `forge top --once` in a script.');
      }
      await using supervisor = await attach(options);
      const { openDash } = await import('../../tui/charts/dash.ts');
      io.exitWith(await openDash({ supervisor, everyMs: options.every }));
    });
