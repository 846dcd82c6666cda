import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Role } from '../protocol/control/messages.ts';
import { configNotFound } from '../protocol/errors.ts';
import { toErrorData } from '../protocol/forge-error.ts';
import type { ControlClient } from '../sdk/control/client.ts';

/** How a command finds its app: an app is the folder of its config file. */
export type Target = { readonly app?: string; readonly config?: string; readonly socket?: string };

export const withTarget = (command: Command): Command =>
  command
    .option('--app <dir>', 'folder of the app (default: the nearest with a forge.config file)')
    .option('--config <file>', 'the config file itself')
    .option('--socket <file>', 'control socket of the supervisor');

const extensions = ['ts', 'mjs', 'js', 'json'];

const configIn = (directory: string): string | undefined =>
  extensions.map((ext) => join(directory, `forge.config.${ext}`)).find((file) => existsSync(file));

const nearestConfig = (from: string): string | undefined => {
  const here = configIn(from);
  const parent = dirname(from);
  return here ?? (parent === from ? undefined : nearestConfig(parent));
};

export const findConfig = ({ app, config }: Target): string => {
  if (config !== undefined) {
    if (!existsSync(config)) throw configNotFound(dirname(resolve(config)));
    return resolve(config);
  }
  const directory = resolve(app ?? '.');
  const found = app === undefined ? nearestConfig(directory) : configIn(directory);
  if (found === undefined) throw configNotFound(directory);
  return found;
};

export const findSocket = async (target: Target): Promise<string> => {
  if (target.socket !== undefined) return resolve(target.socket);
  const { runDirsOf } = await import('../supervisor/topology/run-dir.ts');
  const { runFiles } = await import('../protocol/worker/succession.ts');
  const { readOwner } = await import('../supervisor/succession/claim.ts');
  const places = runDirsOf(dirname(findConfig(target)));
  const [likeliest = ''] = places;
  const owned = places.find((dir) => readOwner(dir) !== undefined);
  // Between two supervisors nobody owns a run that goes on.
  const running = owned ?? places.find((dir) => existsSync(runFiles.state(dir)));
  return runFiles.control(running ?? likeliest);
};

export const attach = async (target: Target, role: Role = 'viewer'): Promise<ControlClient> => {
  const { connect } = await import('../sdk/control/client.ts');
  return connect(await findSocket(target), { role, actor: { origin: 'cli' } });
};

/** The supervisor may be only just starting: try again until it answers or the time is over. */
export const attachUntil = async (target: Target, until: number): Promise<ControlClient> => {
  for (;;) {
    try {
      return await attach(target);
    } catch (error) {
      if (toErrorData(error).code !== 'CONTROL_UNREACHABLE' || Date.now() >= until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};
