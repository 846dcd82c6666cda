import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';
import { describeAction } from './actions.ts';

type Options = Target & { readonly json?: boolean };
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
    .action((names: readonly string[], options: Options) => renew(io, options, ['restart', names])),
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
  const wanted = names.length === 0 ? [...groups.keys()] : names;
  const once = new Map(wanted.map((name) => [groups.get(name) ?? name, name]));
  const actions = [];
  for (const service of once.values()) {
    const request = { kind, service };
    const action = await supervisor.request('apply', { id: randomUUID(), request, why: '' });
    actions.push(action);
    if (options.json !== true) io.out(`${describeAction(action)}\n`);
  }
  if (options.json === true) printJson(io, { version: 1, actions });
};
