import type { Action } from '../../src/protocol/action.ts';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import type { Status } from '../../src/protocol/metrics.ts';
import type { RunningApp } from './forge.ts';

export const statusOf = async (app: Pick<RunningApp, 'forge'>): Promise<Status> =>
  JSON.parse((await app.forge('status', '--json')).stdout) as Status;

export const pidsOf = ({ services }: Status): readonly number[] =>
  services.flatMap(({ workers }) => workers.map(({ pid }) => pid)).toSorted((a, b) => a - b);

export const actionsOf = async (app: Pick<RunningApp, 'forge'>): Promise<readonly Action[]> =>
  (JSON.parse((await app.forge('actions', '--json')).stdout) as { actions: Action[] }).actions;

/** The status as soon as it is as wanted; each look takes as long as the command. */
export const statusWhen = async (
  app: Pick<RunningApp, 'forge'>,
  isWanted: (status: Status) => boolean,
): Promise<Status> => {
  const status = await statusOf(app);
  return isWanted(status) ? status : statusWhen(app, isWanted);
};

export const eventsOf = async (app: RunningApp): Promise<Snapshot['events']> =>
  (JSON.parse((await app.forge('top', '--json')).stdout) as Snapshot).events;

/** The status under the supervisor that comes after this one, when it has taken over. */
export const nextSupervisor = async (app: RunningApp, pid: number): Promise<Status> => {
  await app.forge('wait');
  const { stdout, code } = await app.forge('status', '--json');
  if (code !== 0) return nextSupervisor(app, pid);
  const status = JSON.parse(stdout) as Status;
  return status.supervisor.pid === pid ? nextSupervisor(app, pid) : status;
};
