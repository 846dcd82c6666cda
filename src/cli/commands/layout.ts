import { Command } from 'commander';
import { refused } from '../../protocol/errors.ts';
import { workerCount } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { type PerformOptions, performOn } from '../perform.ts';
import { attach, type Target, withTarget } from '../target.ts';

/** scale, split, colocate and migrate: the operator's actions on the layout. */
export const layoutCommands = (io: Io): readonly Command[] => [
  change('scale')
    .description('Give a service, and those that share its workers, this many workers')
    .argument('<name>', 'a service, or a group')
    .argument('<workers>', 'how many', workerCount)
    .action((service: string, workers: number, options: PerformOptions) =>
      performOn(io, options, { kind: 'scale', service, workers }),
    ),
  change('split')
    .description('Move a service out of its group into workers of its own')
    .argument('<name>', 'the service')
    .action((service: string, options: PerformOptions) =>
      performOn(io, options, { kind: 'split', service }),
    ),
  change('colocate')
    .description('Put light services into the same workers')
    .argument('<name>', 'a service')
    .argument('<with...>', 'those that are to share its workers')
    .action((service: string, others: readonly string[], options: PerformOptions) =>
      performOn(io, options, { kind: 'colocate', service, with: others }),
    ),
  withTarget(new Command('migrate'))
    .description('Say how to move a service to another machine')
    .argument('<name>', 'the service')
    .requiredOption('--to <machine>', 'the machine to move to')
    .option('--json', 'print the steps as one JSON document')
    .action((service: string, options: MigrateOptions) => migrate(io, service, options)),
];

const change = (name: string): Command =>
  withTarget(new Command(name))
    .option('--plan', 'print what would be done, and change nothing')
    .option('--json', 'print one JSON document');

type MigrateOptions = Target & { readonly to: string; readonly json?: boolean };

const migrate = async (
  io: Io,
  service: string,
  { to, json, ...target }: MigrateOptions,
): Promise<void> => {
  await using supervisor = await attach(target);
  const { services } = await supervisor.request('status', {});
  if (!services.some(({ name }) => name === service)) {
    const { unknownService } = await import('../../protocol/errors.ts');
    throw unknownService(
      service,
      services.map(({ name }) => name),
    );
  }
  const { recommendations } = await supervisor.request('advise', {});
  const { migrationPlan } = await import('../../protocol/migration.ts');
  const { steps } = migrationPlan(service, { to, advice: recommendations });
  if (json === true) printJson(io, { version: 1, service, to, steps });
  else io.out(`${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}\n`);
  throw refused(
    `${service} was not moved: ${to} is not joined to this machine`,
    'Carry out the steps above by hand.',
  );
};
