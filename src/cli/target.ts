import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Command } from 'commander';
import { configNotFound, serverHasNoConfig } from '../protocol/config-errors.ts';
import type { Role } from '../protocol/control/messages.ts';
import { type ForgeError, toErrorData } from '../protocol/forge-error.ts';
import { runFiles } from '../protocol/worker/succession.ts';
import type { ControlClient } from '../sdk/control/client.ts';

/** How a command finds its app: the folder of a config file, or one where an app runs without. */
export type Target = { readonly app?: string; readonly config?: string; readonly socket?: string };

export const withTarget = (command: Command): Command =>
  command
    .option('--app <dir>', 'folder of the app (default: the nearest that is one)')
    .option('--config <file>', 'the config file itself')
    .option('--socket <file>', 'control socket of the supervisor');

const extensions = ['ts', 'mjs', 'js', 'json'];

const configIn = (directory: string): string | undefined =>
  extensions.map((ext) => join(directory, `forge.config.${ext}`)).find((file) => existsSync(file));

/** The first that `find` finds, from a folder upwards. */
const nearest = (
  from: string,
  find: (directory: string) => string | undefined,
): string | undefined => {
  const here = find(from);
  const parent = dirname(from);
  return here ?? (parent === from ? undefined : nearest(parent, find));
};

/** In the folder that was named, and nowhere else; or in the nearest. */
const search = (
  { app }: Target,
  find: (directory: string) => string | undefined,
): string | undefined => (app === undefined ? nearest(resolve('.'), find) : find(resolve(app)));

const nothingIn = ({ app }: Target): ForgeError => configNotFound(resolve(app ?? '.'));

export const findConfig = (target: Target): string => {
  const { config } = target;
  if (config !== undefined) {
    if (!existsSync(config)) throw configNotFound(dirname(resolve(config)));
    return resolve(config);
  }
  const found = search(target, configIn);
  if (found === undefined) throw nothingIn(target);
  return found;
};

/** For what only a config can tell: a server that runs without one is told to have none. */
export const findOwnConfig = async (target: Target): Promise<string> => {
  try {
    return findConfig(target);
  } catch (error) {
    const { runningIn } = await import('../supervisor/succession/run-state.ts');
    const running = target.config === undefined ? search(target, runningIn) : undefined;
    throw running === undefined ? error : serverHasNoConfig(running);
  }
};

/** The folder of an app that may have been started without a config, and may have ended since. */
export const findFolder = async (target: Target): Promise<string> => {
  if (target.config !== undefined) return dirname(findConfig(target));
  const { runningIn } = await import('../supervisor/succession/run-state.ts');
  const { logsDir } = await import('../supervisor/logs/names.ts');
  const asApp = (folder: string): string | undefined =>
    configIn(folder) === undefined ? runningIn(folder) : folder;
  const hasRun = (folder: string): string | undefined =>
    existsSync(logsDir(folder)) ? folder : undefined;
  const found = search(target, asApp) ?? search(target, hasRun);
  if (found === undefined) throw nothingIn(target);
  return found;
};

export const findSocket = async (target: Target): Promise<string> => {
  if (target.socket !== undefined) return resolve(target.socket);
  const { readOwner } = await import('../supervisor/succession/claim.ts');
  const { runsOf } = await import('../supervisor/succession/whereabouts.ts');
  const places = runsOf(await findFolder(target));
  const [likeliest = ''] = places;
  const owned = places.find((dir) => readOwner(dir) !== undefined);
  // Between two supervisors nobody owns a run that goes on.
  const running = owned ?? places.find((dir) => existsSync(runFiles.state(dir)));
  return runFiles.control(running ?? likeliest);
};

export const attach = async (
  target: Target,
  role: Role = 'viewer',
  ending: { readonly signal?: AbortSignal } = {},
): Promise<ControlClient> => {
  const { connect } = await import('../sdk/control/client.ts');
  return connect(await findSocket(target), { role, actor: { origin: 'cli' }, ...ending });
};

/**
 * Lets a command read the files of an app that no supervisor answers for. Whoever named a socket
 * asked for that supervisor, and no other source.
 */
export const doWithout = ({ socket }: Target, error: unknown): undefined => {
  if (toErrorData(error).code !== 'CONTROL_UNREACHABLE' || socket !== undefined) throw error;
};

/** The supervisor may be only just starting: try again until it answers or the time is over. */
export const attachUntil = async (
  target: Target,
  until: number,
  role?: Role,
): Promise<ControlClient> => {
  for (;;) {
    try {
      return await attach(target, role);
    } catch (error) {
      if (toErrorData(error).code !== 'CONTROL_UNREACHABLE' || Date.now() >= until) throw error;
      await after(50);
    }
  }
};
