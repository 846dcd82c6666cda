/**
 * What a config file that is a program exports goes to descriptor 3, so that its own output cannot be
 * mistaken for it.
 */
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const load = async (file: string): Promise<unknown> => {
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  if (module.default === undefined) throw new Error('it has no default export');
  return module.default;
};

const [file = ''] = process.argv.slice(2);
const answer = await load(file)
  .then((value) => JSON.stringify({ value }))
  .catch((error: unknown) => {
    // In which line a token is wrong only Node can say, and does so when nobody catches it.
    if (error instanceof SyntaxError) throw error;
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
  });
writeSync(3, answer);
process.exit(0);
