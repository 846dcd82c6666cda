import { dirname } from 'node:path';
import { Command } from 'commander';
import { appFiles } from '../../protocol/app-files.ts';
import { type ConfigChange, placeOf } from '../../protocol/config-change.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import { isIsolated } from '../../protocol/topology.ts';
import type { Setting } from '../../supervisor/config/describe-config.ts';
import { type Io, printJson } from '../io.ts';
import { attach, doWithout, findOwnConfig, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean; readonly why?: string };

export const configCommand = (io: Io): Command =>
  withTarget(new Command('config'))
    .description('Show every setting of the app, its value and where that comes from')
    .option('--resolved', 'all of them (the default)')
    .option('--why <key>', 'only this one, or those below it, such as users.timeouts')
    .option('--json', 'print one JSON document, for scripts')
    .action((options: Options) => show(io, options))
    .addCommand(diffCommand(io))
    .addCommand(adoptCommand(io));

const show = async (io: Io, { why, ...options }: Options): Promise<void> => {
  const { config, overrides, file } = await load(options);
  const { describeConfig } = await import('../../supervisor/config/describe-config.ts');
  const { readExport } = await import('../../supervisor/config/load-config.ts');
  const { readAppEnv } = await import('../../supervisor/config/env-files.ts');
  const raw = await readExport(file, readAppEnv(config.directory).variables);
  const all = describeConfig(config, { raw, overrides, environment: process.env });
  const settings = all.filter(
    ({ key }) => why === undefined || key === why || key.startsWith(`${why}.`),
  );
  if (settings.length === 0) {
    const { unknownSetting } = await import('../../protocol/errors.ts');
    throw unknownSetting(
      why ?? '',
      all.map(({ key }) => key),
    );
  }
  if (options.json === true) printJson(io, { version: 1, file, settings });
  else io.out(tableOf(settings));
};

const tableOf = (settings: readonly Setting[]): string => {
  const rows = settings.map(({ key, value, from }) => [key, spelled(value), from] as const);
  const widest = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const [keys, values] = [widest(0), widest(1)];
  return rows
    .map(([key, value, from]) => `${key.padEnd(keys)}  ${value.padEnd(values)}  ${from}\n`)
    .join('');
};

/** The config as the file has it now, and what operators changed against it. */
const load = async (target: Target) => {
  const file = await findOwnConfig(target);
  const { loadConfig } = await import('../../supervisor/config/load-config.ts');
  const { readOverrides } = await import('../../supervisor/actions/journal.ts');
  const overrides = readOverrides(appFiles.state(dirname(file)));
  return { config: await loadConfig({ file }), overrides, file };
};

const differences = async (target: Target) => {
  const { config, overrides } = await load(target);
  const { configDiff, operatorWords } = await import('../../supervisor/config/config-diff.ts');
  const words = operatorWords(config, overrides);
  return { config, found: configDiff(config, overrides), words };
};

const diffCommand = (io: Io): Command =>
  withTarget(new Command('diff'))
    .description(
      'Show what operators changed against the config, and what a reload would take up from it',
    )
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      const { found, words } = await differences(options);
      const all = [...found, ...words];
      const changes = await changesSince(options);
      const running = changes !== undefined;
      if (options.json === true) {
        printJson(io, { version: 1, running, differences: all, changes: changes ?? [] });
        return;
      }
      io.out(all.map((each) => `${describe(each)}\n`).join(''));
      io.out((changes ?? []).map((each) => `not taken up: ${describeChange(each)}\n`).join(''));
      if (!running) io.out('the app does not run; it reads the config when it starts\n');
      else if (changes.length > 0) io.err(wayToTakeUp(changes));
      else if (all.length === 0) io.out('what runs is what the config says\n');
    });

/** A reload of everything is refused as long as there is something that it cannot take up. */
const wayToTakeUp = (changes: readonly ConfigChange[]): string =>
  changes.some(({ needsStart }) => needsStart)
    ? '`forge stop` and `forge start` take it up; until then `forge reload NAME` takes up what is of one service\n'
    : '`forge reload` takes up what the config says now\n';

/** What the file says otherwise than what runs; undefined when nothing does. */
const changesSince = async (target: Target): Promise<readonly ConfigChange[] | undefined> => {
  try {
    await using supervisor = await attach(target);
    return (await supervisor.request('differences', {})).changes;
  } catch (error) {
    return doWithout(target, error);
  }
};

const describeChange = (change: ConfigChange): string => {
  const values =
    change.change === 'changed' ? `  ${spelled(change.from)} → ${spelled(change.to)}` : '';
  return `${placeOf(change)}${values}${change.needsStart ? '  (needs a stop and a start)' : ''}`;
};

const spelled = (value: unknown): string =>
  typeof value === 'string' ? nameOf(value) : (JSON.stringify(value) ?? '(none)');

/** The group of a service that has its workers to itself is no name that anybody gave. */
const nameOf = (value: string): string => (isIsolated(value) ? '(alone)' : value);

const describe = ({
  service,
  key,
  from,
  to,
}: {
  readonly service?: string;
  readonly key: string;
  readonly from: unknown;
  readonly to: unknown;
}): string =>
  `${service === undefined ? '' : `${service}.`}${key}  ${spelled(from)} → ${spelled(to)}`;

const adoptCommand = (io: Io): Command =>
  withTarget(new Command('adopt'))
    .description('Write what operators changed into the config file')
    .action(async (options: Target) => {
      const { config, found, words } = await differences(options);
      const { adoptIntoConfig } = await import('../../supervisor/config/adopt-config.ts');
      if (found.length > 0) await adoptIntoConfig(config, found);
      io.out(found.map((each) => `${config.file}: ${describe(each)}\n`).join(''));
      for (const word of words) io.err(`not in the file, and stays so: ${describe(word)}\n`);
      await tellSupervisor(io, options);
    });

/** A running app goes over to the file; one that is not running reads it at its next start. */
const tellSupervisor = async (io: Io, target: Target): Promise<void> => {
  try {
    await using supervisor = await attach(target, 'operator');
    await supervisor.request('reconfigure', {});
  } catch (error) {
    if (toErrorData(error).code !== 'CONTROL_UNREACHABLE') throw error;
    io.err('the app is not running; it reads the config when it starts\n');
  }
};
