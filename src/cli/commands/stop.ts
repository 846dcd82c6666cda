import { dirname } from 'node:path';
import { Command } from 'commander';
import { seconds } from '../../protocol/units.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { timeOption, wait } from '../arguments.ts';
import type { Io } from '../io.ts';
import { performOn } from '../perform.ts';
import { attach, attachUntil, doWithout, findSocket, type Target, withTarget } from '../target.ts';

type Options = Target & {
  readonly timeout: number;
  readonly plan?: boolean;
  readonly json?: boolean;
};

export const stopCommand = (io: Io): Command =>
  withTarget(new Command('stop'))
    .description('Drain and stop the app, and leave nothing behind; or only one service of it')
    .argument('[name]', 'a service, which then stays stopped until `forge start NAME`')
    .addOption(
      timeOption('--timeout <time>', 'how long workers of the app may take to end', {
        parse: wait,
        usually: seconds(30),
      }),
    )
    .option('--plan', 'of a service: print what would be done, and change nothing')
    .option('--json', 'of a service: print one JSON document')
    .action((service: string | undefined, options: Options) =>
      service === undefined
        ? stopApp(io, options)
        : performOn(io, options, { kind: 'stop', service }),
    );

const stopApp = async (io: Io, options: Options): Promise<void> => {
  await attach(options, 'operator').then(
    (supervisor) => stopBy(supervisor, options),
    (error: unknown) => stopUnheard(io, options, error),
  );
  io.err('stopped\n');
};

const stopBy = async (supervisor: ControlClient, { timeout }: Options): Promise<void> => {
  await using client = supervisor;
  await client.request('stop', { timeoutMs: timeout });
  await client.closed;
};

/** A supervisor that lives and does not answer is busy, or only just starting: it obeys a signal. */
const stopUnheard = async (io: Io, options: Options, error: unknown): Promise<void> => {
  doWithout(options, error);
  const { readOwner } = await import('../../supervisor/succession/claim.ts');
  const { isRunning } = await import('../../supervisor/succession/notes.ts');
  const runDir = await runDirOf(options);
  const owner = readOwner(runDir);
  if (owner !== undefined) {
    const { endOwner } = await import('../../supervisor/succession/end-owner.ts');
    io.err(`supervisor ${owner.pid} does not answer: sent it SIGTERM, waiting for its end\n`);
    await endOwner(owner, options.timeout);
    if (!isRunning(runDir)) return;
  }
  const next = await attachToNext(options, error);
  await (next === undefined ? stopAlone(options) : stopBy(next, options));
};

/** Far longer than the next supervisor of a run takes to come up. */
const nextWithinMs = 2_000;

/** Undefined when processes of the app run, and none comes; fails as before when nothing runs. */
const attachToNext = async (
  options: Options,
  error: unknown,
): Promise<ControlClient | undefined> => {
  const { isRunning } = await import('../../supervisor/succession/notes.ts');
  if (!isRunning(await runDirOf(options))) throw error;
  return attachUntil(options, Date.now() + nextWithinMs, 'operator').catch((later: unknown) =>
    doWithout(options, later),
  );
};

const stopAlone = async (options: Options): Promise<void> => {
  const { stopOrphans } = await import('../../supervisor/succession/stop-orphans.ts');
  await stopOrphans(await runDirOf(options), options.timeout);
};

const runDirOf = async (options: Options): Promise<string> => dirname(await findSocket(options));
