import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entryNotBuilt } from '../../protocol/errors.ts';
import type { ServiceConfig } from '../../protocol/topology.ts';

/** A decorator with arguments at the start of a line, as in `@Get('/users')`. */
const decorator = /^\s*(?:export\s+(?:default\s+)?)?@[A-Z]\w*\s*\(/m;

/**
 * The file that Node runs for a service. Node strips types but cannot run decorators: an entry with
 * decorators is bundled once, with its source map, and its packages left where they are.
 */
export const prepareEntry = async (
  service: Pick<ServiceConfig, 'name' | 'entry'>,
  forgeDir: string,
): Promise<string> => {
  if (!decorator.test(await readFile(service.entry, 'utf8'))) return service.entry;
  const { build } = await import('esbuild');
  const outfile = join(forgeDir, 'build', `${service.name}.mjs`);
  try {
    await build({
      entryPoints: [service.entry],
      outfile,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      sourcemap: 'inline',
      logLevel: 'silent',
    });
  } catch (cause) {
    throw entryNotBuilt(service.name, cause);
  }
  return outfile;
};
