import { statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { appFiles } from '../../protocol/app-files.ts';
import { serverUnusable } from '../../protocol/config-errors.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import type { Status } from '../../protocol/metrics.ts';
import type { ServerFile } from '../../supervisor/config/server-config.ts';
import { examples, list, port } from '../arguments.ts';
import { notReadyCode, tellFailures } from '../failures.ts';
import type { Io } from '../io.ts';
import { followOutput } from '../logs/follow-output.ts';
import { performOn } from '../perform.ts';
import { attach, findConfig, type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly headless?: boolean;
  readonly daemon?: boolean;
  readonly http?: number;
  readonly only?: readonly string[];
  readonly json?: boolean;
};

export const startCommand = (io: Io): Command =>
  withTarget(new Command('start'))
    .description('Start the services of an app, or one existing server, and keep them running')
    .argument(
      '[what]',
      'an existing Node server, which needs no config; or a service that was stopped',
    )
    .argument('[args...]', 'after --, for the server')
    .option('--headless', 'for servers: one ready line on stdout, nothing else')
    .option('--daemon', 'return when ready, and keep running')
    .option('--http <port>', 'port of the HTTP ingress', port)
    .option('--only <names>', 'start only these services, separated by commas', list)
    .option('--json', 'of a service: print one JSON document')
    .addHelpText(
      'after',
      examples(
        'start',
        'start --daemon',
        'start --only users,orders',
        'start ./server.js --http 8080 -- --verbose',
        'start users',
      ),
    )
    .action(async (path: string | undefined, args: readonly string[], options: Options) => {
      const server = path === undefined ? undefined : { path, args };
      if (server !== undefined && isServiceName(server.path)) {
        return startService(io, options, server);
      }
      if (server !== undefined) checkAlone(server, options);
      if (options.daemon === true) await startDaemon(io, options, server);
      else await startHere(io, options, server);
    });

/** A server is a file that is there; a folder may well be called as its service is. */
const isServiceName = (text: string): boolean =>
  /^[\w.-]*\w[\w.-]*$/.test(text) && statSync(text, { throwIfNoEntry: false })?.isFile() !== true;

/** Where no app has such a service, a name like that of a file was to be one. */
const noSuchService = ['CONFIG_NOT_FOUND', 'CONTROL_UNREACHABLE', 'UNKNOWN_SERVICE'];

const startService = async (
  io: Io,
  options: Options,
  { path: service, args }: ServerFile,
): Promise<void> => {
  if (args.length > 0) {
    const fix = 'Leave out the arguments: only a server that is a file gets some.';
    throw serverUnusable(service, 'is a service', fix);
  }
  await performOn(io, options, { kind: 'start', service }).catch((cause: unknown) => {
    const isFile = /\.[cm]?[jt]s$/.test(service);
    if (!isFile || !noSuchService.includes(toErrorData(cause).code)) throw cause;
    throw serverUnusable(
      service,
      'does not exist',
      'Correct the path, or the name of the service.',
    );
  });
};

const checkAlone = ({ path }: ServerFile, { app, config, only }: Options): void => {
  if ((app ?? config ?? only) === undefined) return;
  throw serverUnusable(
    path,
    'is an app of its own',
    'Leave out --app, --config and --only, or leave out the file.',
  );
};

const startHere = async (
  io: Io,
  options: Options,
  server: ServerFile | undefined,
): Promise<void> => {
  const { startUnderInit } = await import('../../supervisor/process/init.ts');
  startUnderInit();
  const { keepSmall } = await import('../../supervisor/small-process.ts');
  keepSmall();
  const folder = dirname(resolve(server?.path ?? findConfig(options)));
  enableCompileCache(appFiles.compiled(folder));
  const { Supervisor } = await import('../../supervisor/supervisor.ts');
  const { runUntilStopped } = await import('../../supervisor/run-until-stopped.ts');
  await using _output = options.headless === true ? undefined : followOutput(folder, io.err);
  const how = {
    ...(options.http === undefined ? {} : { httpPort: options.http }),
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.headless === true ? {} : { onEvent: (text: string) => io.err(`${text}\n`) }),
  };
  const exitCode = await runUntilStopped({
    start: (signal) => {
      const waiting = { signal, say: (text: string) => io.err(`${text}\n`) };
      return server === undefined
        ? Supervisor.start({ configFile: findConfig(options), ...how, waiting })
        : Supervisor.startServer(server, { ...how, waiting });
    },
    onReady: (supervisor) => {
      const status = supervisor.status();
      if (options.headless === true) tellFailures(io, status);
      io.out(`${readyLine(status, supervisor)}\n`);
    },
  });
  io.exitWith(exitCode);
};

type Found = { readonly addressOf: (name?: string) => string | undefined };

/** `ready shop 8 services http://127.0.0.1:3000`, then who has a port of its own, the failed and the stopped. */
export const readyLine = ({ app, services }: Status, found: Found): string => {
  const failed = services.filter(({ status }) => status === 'failed').map(({ name }) => name);
  const stopped = services.filter(({ status }) => status === 'stopped').map(({ name }) => name);
  const ready = services.length - failed.length - stopped.length;
  const problem =
    (failed.length === 0 ? '' : ` failed: ${failed.join(', ')}`) +
    (stopped.length === 0 ? '' : ` stopped: ${stopped.join(', ')}`);
  const http = found.addressOf();
  const own = services.flatMap(({ name }) => {
    const address = found.addressOf(name);
    return address === undefined ? [] : [` ${name} ${address}`];
  });
  const where = [http === undefined ? '' : ` ${http}`, ...own].join('');
  return `ready ${app} ${ready} services${where}${problem}`;
};

const startDaemon = async (
  io: Io,
  options: Options,
  server: ServerFile | undefined,
): Promise<void> => {
  const { launchDaemon } = await import('../../supervisor/process/daemon.ts');
  const file = resolve(server?.path ?? findConfig(options));
  const line = await launchDaemon(dirname(file), [
    ...(server === undefined ? ['--config', file] : [file]),
    ...(options.http === undefined ? [] : ['--http', String(options.http)]),
    ...(options.only === undefined ? [] : ['--only', options.only.join(',')]),
    ...(server === undefined ? [] : ['--', ...server.args]),
  ]);
  if (line === undefined) {
    io.err('stopped before it was ready\n');
    io.exitWith(130);
    return;
  }
  if (line.includes(' failed: ')) {
    await using supervisor = await attach({ app: dirname(file) });
    const status = await supervisor.request('status', {});
    tellFailures(io, status);
    // It runs on, as one in the foreground does: who started it goes on to use it, and nothing is there.
    if (status.services.every((service) => service.status !== 'ready')) io.exitWith(notReadyCode);
  }
  io.out(`${line}\n`);
};
