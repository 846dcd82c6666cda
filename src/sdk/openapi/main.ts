/**
 * Runs in a process of its own, as it loads the modules of services. The document goes to descriptor
 * 3, so that what they print cannot be mistaken for it.
 */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { ServiceClass } from '../contract.ts';
import { describeService } from './described.ts';
import { openApiOf } from './document.ts';

type Order = {
  readonly app: string;
  readonly services: readonly { readonly name: string; readonly entry: string }[];
};

const describe = async ({ app, services }: Order): Promise<object> => {
  const described = [];
  for (const { name, entry } of services) {
    const module: { readonly default?: ServiceClass } = await import(pathToFileURL(entry).href);
    if (module.default === undefined) throw new Error(`${name} has no class as its default export`);
    described.push(describeService(name, module.default));
  }
  return openApiOf(app, described);
};

const [, , order = '{}'] = process.argv;
const answer = await describe(JSON.parse(order) as Order)
  .then((document) => ({ document }))
  .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }));
writeFileSync(3, JSON.stringify(answer));
process.exit(0);
