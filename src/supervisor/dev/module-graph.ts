import { extname, resolve, sep } from 'node:path';
import type { CommandService, EntryService } from '../../protocol/topology.ts';
import { bundle } from '../process/bundle.ts';

/** What a service is made of: absolute paths. */
type Sources = { readonly has: (file: string) => boolean };

export type ModuleGraph = ReadonlyMap<string, Sources>;

type Entry = Pick<EntryService, 'name' | 'entry' | 'interceptors'>;
type Command = Pick<CommandService, 'name' | 'command' | 'cwd'>;

/** What each service imports, directly or not; packages are left out, they do not change. */
export const moduleGraph = async (
  services: readonly (Entry | Command)[],
  directory: string,
): Promise<ModuleGraph> =>
  new Map(
    await Promise.all(
      services.map(async (service) => {
        const sources =
          'command' in service ? sourcesOf(service) : await modulesOf(service, directory);
        return [service.name, sources] as const;
      }),
    ),
  );

const modulesOf = async ({ entry, interceptors }: Entry, directory: string): Promise<Sources> => {
  const modules = [entry, ...(interceptors === undefined ? [] : [interceptors])];
  try {
    const files = await Promise.all(modules.map((module) => filesOf(module, directory)));
    return new Set(files.flat());
  } catch {
    return anySource;
  }
};

/** Of a service that cannot be parsed nobody knows what mends it: maybe a file that is not there yet. */
const anySource: Sources = { has: (file) => /\.[cm]?[jt]sx?$/.test(file) };

const filesOf = async (entry: string, directory: string): Promise<readonly string[]> => {
  const { inputs } = await bundle({
    entryPoints: [entry],
    absWorkingDir: directory,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  return Object.keys(inputs).map((file) => resolve(directory, file));
};

/** The files that a command names, and what is of their kind where it runs: it may write others. */
const sourcesOf = ({ command, cwd }: Command): Sources => {
  const named = filesIn(command).map((word) => resolve(cwd, word));
  const kinds = new Set(named.map((file) => extname(file)));
  return {
    has: (file) =>
      named.includes(file) || (kinds.has(extname(file)) && file.startsWith(`${cwd}${sep}`)),
  };
};

const filesIn = (command: string): readonly string[] =>
  command.split(/[\s'"]+/).filter((word) => extname(word) !== '' && !word.includes('='));

/** Folders of what is built, which services are made of nevertheless. */
export const builtInto = (services: readonly (Entry | Command)[], folder: string): boolean =>
  services
    .flatMap((service) => ('command' in service ? filesIn(service.command) : [service.entry]))
    .some((file) => file.split(sep).includes(folder));

type Dependent = Pick<EntryService, 'name' | 'dependsOn'>;

/** The services that files belong to, then those that depend on them. */
export const affectedBy = (
  files: ReadonlySet<string>,
  graph: ModuleGraph,
  services: readonly Dependent[],
): readonly string[] => {
  const affected = new Set(
    [...graph].filter(([, own]) => [...files].some((file) => own.has(file))).map(([name]) => name),
  );
  for (let grown = true; grown; ) {
    const dependants = services.filter(
      ({ name, dependsOn }) => !affected.has(name) && dependsOn.some((one) => affected.has(one)),
    );
    for (const { name } of dependants) affected.add(name);
    grown = dependants.length > 0;
  }
  return [...affected];
};
