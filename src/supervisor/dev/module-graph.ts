import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { EntryService } from '../../protocol/topology.ts';

/** Service → every file of the app that it is made of, absolute. */
export type ModuleGraph = ReadonlyMap<string, ReadonlySet<string>>;

type Entry = Pick<EntryService, 'name' | 'entry' | 'interceptors'>;

/** What each service imports, directly or not; packages are left out, they do not change. */
export const moduleGraph = async (
  services: readonly Entry[],
  directory: string,
): Promise<ModuleGraph> =>
  new Map(
    await Promise.all(
      services.map(async ({ name, entry, interceptors }) => {
        const modules = [entry, ...(interceptors === undefined ? [] : [interceptors])];
        const files = await Promise.all(modules.map((module) => filesOf(module, directory)));
        return [name, new Set(files.flatMap((each) => [...each]))] as const;
      }),
    ),
  );

const filesOf = async (entry: string, directory: string): Promise<ReadonlySet<string>> => {
  try {
    const { metafile } = await build({
      entryPoints: [entry],
      absWorkingDir: directory,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
    return new Set(Object.keys(metafile.inputs).map((file) => resolve(directory, file)));
  } catch {
    // A file that cannot be parsed now: it counts as itself until it can be.
    return new Set([entry]);
  }
};

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
