import { dirname } from 'node:path';
import { Command } from 'commander';
import { list, port } from '../arguments.ts';
import type { Io } from '../io.ts';
import { followOutput } from '../logs/follow-output.ts';
import { findConfig, type Target, withTarget } from '../target.ts';
import { readyLine } from './start.ts';

type Options = Target & { readonly http?: number; readonly only?: readonly string[] };

export const devCommand = (io: Io): Command =>
  withTarget(new Command('dev'))
    .description('Start the app here, and replace each service when its files change')
    .option('--http <port>', 'port of the HTTP ingress', port)
    .option('--only <names>', 'start only these services, separated by commas', list)
    .action(async (options: Options) => {
      process.env['NODE_ENV'] ??= 'development';
      const { Supervisor } = await import('../../supervisor/supervisor.ts');
      const { runUntilStopped } = await import('../../supervisor/run-until-stopped.ts');
      const say = (text: string): void => io.err(`${text}\n`);
      const configFile = findConfig(options);
      await using _output = followOutput(dirname(configFile), io.err);
      const start = (signal: AbortSignal) =>
        Supervisor.start({
          configFile,
          onEvent: say,
          waiting: { signal, say },
          ...(options.http === undefined ? {} : { httpPort: options.http }),
          ...(options.only === undefined ? {} : { only: options.only }),
        });
      using watching = new DisposableStack();
      const exitCode = await runUntilStopped({
        start,
        onReady: async (supervisor) => {
          watching.use(await supervisor.watchFiles(say));
          io.out(`${readyLine(supervisor.status(), supervisor)}, watching\n`);
        },
      });
      io.exitWith(exitCode);
    });
