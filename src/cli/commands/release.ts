import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { Action, ActionRequest } from '../../protocol/action.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { type Io, printJson } from '../io.ts';
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
    .argument('[name...]', 'services or groups (default: all, and the config is read anew)')
    .action((names: readonly string[], options: Options) => renew(io, options, ['reload', names])),
  renewal('restart')
    .description('Replace workers by new ones, one after the other')
    .argument('[name...]', 'services or groups (default: all)')
    .option('--worker <id>', 'only this worker of the service that is named, such as users#2')
    .action((names: readonly string[], options: Options, command: Command) => {
      const { worker } = options;
      if (worker === undefined) return renew(io, options, ['restart', names]);
      const [service, ...others] = names;
      if (service === undefined || others.length > 0) command.error('--worker takes one service');
      return restartOne(io, options, { service, worker });
    }),
  renewal('rollback')
    .description('Go back to the workers from before a reload')
    .argument('<name>')
    .action((name: string, options: Options) => renew(io, options, ['rollback', [name]])),
];

const renewal = (name: Kind): Command =>
  withTarget(new Command(name)).option('--json', 'print one JSON document');

/** One action a group, one after the other, so that only one group is short of warm workers. */
const renew = async (
  io: Io,
  options: Options,
  [kind, names]: readonly [Kind, readonly string[]],
): Promise<void> => {
  await using supervisor = await attach(options, 'operator');
  // What is to be replaced as a whole is replaced by what the config says now.
  const isWhole = kind === 'reload' && names.length === 0;
  const { services } = await supervisor.request(isWhole ? 'reconfigure' : 'status', {});
  const groups = new Map(services.map(({ name, group }) => [name, group]));
  // Of all, those that an operator stopped have no workers to replace.
  const running = services.filter(({ status }) => status !== 'stopped').map(({ name }) => name);
  const wanted = names.length === 0 ? running : names;
  const once = new Map(wanted.map((name) => [groups.get(name) ?? name, name]));
  const requests = [...once.values()].map((service) => ({ kind, service }));
  await performAll(supervisor, requests, { io, ...options });
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
  for (const request of requests) {
    const action = await supervisor.request('apply', { id: randomUUID(), request, why: '' });
    actions.push(action);
    if (json !== true) io.out(`${describeAction(action)}\n`);
  }
  if (json === true) printJson(io, { version: 1, actions });
};
