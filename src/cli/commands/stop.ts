import { Command } from 'commander';
import { duration } from '../arguments.ts';
import type { Io } from '../io.ts';
import { performOn } from '../perform.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly timeout: number;
  readonly plan?: boolean;
  readonly json?: boolean;
};

export const stopCommand = (io: Io): Command =>
  withTarget(new Command('stop'))
    .description('Drain and stop the app, and leave nothing behind; or only one service of it')
    .argument('[name]', 'a service, which then stays stopped until `forge start NAME`')
    .option('--timeout <time>', 'how long workers of the app may take to end', duration, 30_000)
    .option('--plan', 'of a service: print what would be done, and change nothing')
    .option('--json', 'of a service: print one JSON document')
    .action((service: string | undefined, options: Options) =>
      service === undefined
        ? stopApp(io, options)
        : performOn(io, options, { kind: 'stop', service }),
    );

const stopApp = async (io: Io, options: Options): Promise<void> => {
  await using supervisor = await attach(options, 'operator');
  await supervisor.request('stop', { timeoutMs: options.timeout });
  await supervisor.closed;
  io.err('stopped\n');
};
