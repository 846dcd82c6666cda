import { Command } from 'commander';
import { type Action, type ActionRequest, targetOf } from '../../protocol/action.ts';
import { comingsAndGoings, placeOf } from '../../protocol/config-change.ts';
import { partlyDone, unknownService } from '../../protocol/errors.ts';
import { type ErrorData, toErrorData } from '../../protocol/forge-error.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { takeUp } from '../../sdk/control/take-up.ts';
import { type Io, printJson } from '../io.ts';
import { order } from '../perform.ts';
import { attach, type Target, withTarget } from '../target.ts';
import { describeAction } from './actions.ts';

type Options = Target & { readonly json?: boolean; readonly worker?: string };
type Kind = 'reload' | 'restart' | 'rollback';

/** reload, restart and rollback: other processes in the same layout. */
export const releaseCommands = (io: Io): readonly Command[] => [
  renewal('reload')
    .description(
      'Replace workers by ones with the code and config on disk; keep the old ones if they fail (exit 3)',
    )
    .argument(
      '[name...]',
      'services or groups, of which the config is read anew (default: all of it)',
    )
    .action((names: readonly string[], options: Options) => renew(io, options, ['reload', names])),
  renewal('restart')
    .description(
      'Replace workers by new ones with the config on disk, or that of the old ones if it is broken',
    )
    .argument(
      '[name...]',
      'services or groups, of which the config is read anew (default: all of it)',
    )
    .option('--worker <id>', 'only this worker, such as users#2, with the config of the others')
    .action((names: readonly string[], options: Options, command: Command) => {
      const { worker } = options;
      if (worker === undefined) return renew(io, options, ['restart', names]);
      const [service = serviceIn(worker), ...others] = names;
      if (service === '' || others.length > 0) {
        command.error('error: --worker is of one service: name that one, or an id such as users#2');
      }
      return restartOne(io, options, { service, worker });
    }),
  renewal('rollback')
    .description('Go back to the workers from before a reload')
    .argument('<name>', 'a service or a group')
    .action((name: string, options: Options) => renew(io, options, ['rollback', [name]])),
];

/** `users` of `users#2`. */
const serviceIn = (worker: string): string => worker.slice(0, Math.max(0, worker.lastIndexOf('#')));

const renewal = (name: Kind): Command =>
  withTarget(new Command(name)).option('--json', 'print one JSON document');

/** One action a group, one after the other, so that only one group is short of warm workers. */
const renew = async (
  io: Io,
  options: Options,
  [kind, names]: readonly [Kind, readonly string[]],
): Promise<void> => {
  await using supervisor = await attach(options, 'operator');
  const before = await supervisor.request('status', {});
  // All names are checked, and the config, before anything is done.
  const { status, broken } =
    kind === 'rollback' ? { status: before } : await takeUp(supervisor, kind, names);
  if (broken !== undefined) tellBroken(broken, io);
  const changed = comingsAndGoings(before.services, status.services);
  if (changed !== '') io.err(`${changed}\n`);
  const requests = groupsOf(names, status.services).map((service) => ({ kind, service }));
  await performAll(supervisor, requests, { io, ...options });
  const isPart = kind !== 'rollback' && broken === undefined && names.length > 0;
  if (isPart) await tellLeftOut(supervisor, io);
};

const tellBroken = ({ message, remedy }: ErrorData, io: Io): void =>
  io.err(`restarting with the config that runs: ${message}\n  → ${remedy}\n`);

/** One service of each group that is named, or of all. */
const groupsOf = (
  names: readonly string[],
  services: readonly ServiceStatus[],
): readonly string[] => {
  // Those that an operator stopped have no workers to replace.
  const running = services.filter(({ status }) => status !== 'stopped');
  const one = (name: string): ServiceStatus | undefined =>
    services.find((service) => service.name === name) ??
    running.find(({ group }) => group === name);
  const wanted = names.length === 0 ? running.map(({ name }) => name) : names;
  const found = wanted.map((name) => {
    const service = one(name);
    if (service !== undefined) return service;
    throw unknownService(
      name,
      services.map((each) => each.name),
    );
  });
  return [...new Map(found.map(({ group, name }) => [group, name])).values()];
};

/** Whoever names services gets nothing else; that the file has more is no secret. */
const tellLeftOut = async (supervisor: ControlClient, io: Io): Promise<void> => {
  const { changes } = await supervisor.request('differences', {});
  if (changes.length === 0) return;
  const places = changes.map(placeOf).join(', ');
  io.err(`not asked for, and not taken up from the config: ${places}\n`);
};

const restartOne = async (
  io: Io,
  options: Options,
  one: { readonly service: string; readonly worker: string },
): Promise<void> => {
  await using supervisor = await attach(options, 'operator');
  await performAll(supervisor, [{ kind: 'restart', ...one }], { io, ...options });
};

const performAll = async (
  supervisor: ControlClient,
  requests: readonly ActionRequest[],
  { io, json }: { readonly io: Io; readonly json?: boolean },
): Promise<void> => {
  const actions: Action[] = [];
  const print = (error?: ErrorData): void => {
    if (json === true) printJson(io, { version: 1, actions, ...(error && { error }) });
  };
  for (const request of requests) {
    try {
      const action = await order(supervisor, request);
      actions.push(action);
      if (json !== true) io.out(`${describeAction(action)}\n`);
    } catch (cause) {
      const done = actions.map(targetOf);
      const error = done.length === 0 ? cause : partlyDone(done, cause);
      print(toErrorData(error));
      throw error;
    }
  }
  print();
};
