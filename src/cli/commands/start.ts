import { Command } from 'commander';
import type { Status } from '../../protocol/metrics.ts';
import { list, port } from '../arguments.ts';
import { followOutput } from '../follow-output.ts';
import type { Io } from '../io.ts';
import { findConfig, type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly headless?: boolean;
  readonly daemon?: boolean;
  readonly http?: number;
  readonly only?: readonly string[];
};

export const startCommand = (io: Io): Command =>
  withTarget(new Command('start'))
    .description('Start the services of an app and keep them running')
    .option('--headless', 'for servers: one ready line on stdout, nothing else')
    .option('--daemon', 'return when ready, and keep running')
    .option('--http <port>', 'port of the HTTP ingress', port)
    .option('--only <names>', 'start only these services, separated by commas', list)
    .action(async (options: Options) => {
      const configFile = findConfig(options);
      if (options.daemon === true) await startDaemon(io, options, configFile);
      else await startHere(io, options, configFile);
    });

const startHere = async (io: Io, options: Options, configFile: string): Promise<void> => {
  const { Supervisor } = await import('../../supervisor/supervisor.ts');
  const { runUntilStopped } = await import('../../supervisor/run-until-stopped.ts');
  using _output = options.headless === true ? undefined : followOutput(configFile, io.err);
  const supervisor = await Supervisor.start({
    configFile,
    ...(options.http === undefined ? {} : { httpPort: options.http }),
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.headless === true ? {} : { onEvent: (text: string) => io.err(`${text}\n`) }),
  });
  io.out(`${readyLine(supervisor.status(), supervisor.httpAddress)}\n`);
  await runUntilStopped(supervisor);
};

/** `ready shop 8 services http://127.0.0.1:3000`, then the commands with a port, then the failed. */
export const readyLine = ({ app, services }: Status, http: string | undefined): string => {
  const failed = services.filter(({ status }) => status === 'failed').map(({ name }) => name);
  const ready = services.length - failed.length;
  const problem = failed.length === 0 ? '' : ` failed: ${failed.join(', ')}`;
  const commands = services.flatMap(({ name, port: own }) =>
    own === undefined ? [] : [` ${name} http://127.0.0.1:${own}`],
  );
  const where = [http === undefined ? '' : ` ${http}`, ...commands].join('');
  return `ready ${app} ${ready} services${where}${problem}`;
};

const startDaemon = async (io: Io, options: Options, configFile: string): Promise<void> => {
  const { launchDaemon } = await import('../../supervisor/process/daemon.ts');
  const line = await launchDaemon(configFile, [
    ...(options.http === undefined ? [] : ['--http', String(options.http)]),
    ...(options.only === undefined ? [] : ['--only', options.only.join(',')]),
  ]);
  io.out(`${line}\n`);
};
