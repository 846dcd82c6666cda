import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader, Plugin } from 'esbuild';
import { bundleFile } from '../../protocol/app-files.ts';
import { entryNotBuilt } from '../../protocol/config-errors.ts';
import type { EntryService } from '../../protocol/topology.ts';

/**
 * What Node cannot run, as it only strips types: decorators, enums, namespaces, and parameters that are
 * fields. One too many only costs a bundle.
 */
const toBeLowered = [
  /(?:^|[;{}]\s)[ \t]*(?:export\s+(?:default\s+)?)?@[A-Za-z_$]/m,
  /^[ \t]*(?:export\s+)?(?:(?:const\s+)?enum|namespace)\s+[\w$.]+\s*\{/m,
  /\bconstructor\s*\([^)]*\b(?:public|private|protected|readonly)\s/,
];
/** Of a file of the app, not of a package. */
const ownImport = /(?:\bfrom|\bimport)\s*\(?\s*(['"])(\.{1,2}\/[^'"]+)\1/g;

/**
 * The file that Node runs for a service. An entry that has to be lowered, or of which a file that it
 * imports has to, is bundled once, with its source map, and its packages left where they are.
 */
export const prepareEntry = async (
  service: Pick<EntryService, 'name' | 'entry'>,
  forgeDir: string,
): Promise<string> => {
  if (!(await mustBeLowered(service.entry))) return service.entry;
  const { bundle } = await import('./bundle.ts');
  const outfile = bundleFile(forgeDir, service.name);
  try {
    await bundle({
      entryPoints: [service.entry],
      outfile,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      sourcemap: 'inline',
      logLevel: 'silent',
      define: { 'import.meta': ownMeta },
      banner: { js: makeMeta },
      plugins: [keepMeta],
    });
  } catch (cause) {
    throw entryNotBuilt(service.name, cause);
  }
  return outfile;
};

const mustBeLowered = async (file: string, seen = new Set<string>()): Promise<boolean> => {
  if (seen.has(file)) return false;
  seen.add(file);
  const source = await readFile(file, 'utf8');
  if (toBeLowered.some((pattern) => pattern.test(source))) return true;
  for (const [, , to = ''] of source.matchAll(ownImport)) {
    const imported = join(dirname(file), to);
    // Of what is no file Node tells, when the service starts.
    const isFile = statSync(imported, { throwIfNoEntry: false })?.isFile() === true;
    if (isFile && (await mustBeLowered(imported, seen))) return true;
  }
  return false;
};

const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.jsx': 'jsx',
};

/** What each module of the bundle has in place of `import.meta`. */
const ownMeta = 'forgeImportMeta';
const makeMeta = `const forgeMetaOf = (own) => ({
  ...import.meta,
  ...own,
  resolve: (to) => (/^[./]/.test(to) ? new URL(to, own.url).href : import.meta.resolve(to)),
});`;

/** Within the bundle each module still finds the files that lie beside its source. */
const keepMeta: Plugin = {
  name: 'import.meta of the source',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.(?:m?[jt]s|[jt]sx)$/, namespace: 'file' }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes('import.meta')) return undefined;
      const own = { dirname: dirname(path), filename: path, url: pathToFileURL(path).href };
      // On the first line, so that the source map stays true; a hashbang becomes a comment there.
      const meta = `const ${ownMeta} = forgeMetaOf(${JSON.stringify(own)}); `;
      const contents = meta + source.replace(/^#!/, '//');
      return { contents, loader: loaders[extname(path)] ?? 'js' };
    });
  },
};
