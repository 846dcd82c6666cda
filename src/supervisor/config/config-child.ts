/**
 * Runs in a process of its own: a config file is a program, which may hang, print or exit. What it
 * exports goes to descriptor 3, so that its own output cannot be mistaken for it.
 */
import { readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const load = async (file: string): Promise<unknown> => {
  if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'));
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  if (module.default === undefined) throw new Error('it has no default export');
  return module.default;
};

const [file = ''] = process.argv.slice(2);
const answer = await load(file)
  .then((value) => JSON.stringify({ value }))
  .catch((error: unknown) =>
    JSON.stringify({ error: error instanceof Error ? error.message : String(error) }),
  );
writeSync(3, answer);
process.exit(0);
