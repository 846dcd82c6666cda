import { Command } from 'commander';
import type { Io } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

export const metricsCommand = (io: Io): Command =>
  withTarget(new Command('metrics'))
    .description('Print the figures of every service as Prometheus reads them')
    .action(async (options: Target) => {
      await using supervisor = await attach(options);
      const { text } = await supervisor.request('metrics', {});
      io.out(text);
    });
