import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appFiles } from '../../protocol/app-files.ts';
import { serviceNotLoaded } from '../../protocol/config-errors.ts';
import { hasEntry } from '../../protocol/topology.ts';
import { seconds } from '../../protocol/units.ts';
import { prepareEntry } from '../process/prepare-entry.ts';
import { runNode } from '../process/run-node.ts';
import type { AppConfig } from './app-config.ts';

const extension = extname(import.meta.url);
const program = fileURLToPath(new URL(`../../sdk/openapi/main${extension}`, import.meta.url));
const limit = seconds(20);

/** OpenAPI of an app, from its classes: it need not run. */
export const describeApi = async ({ app, directory, services }: AppConfig): Promise<object> => {
  const entries = await Promise.all(
    services.filter(hasEntry).map(async (service) => ({
      name: service.name,
      entry: await prepareEntry(service, appFiles.folder(directory)),
    })),
  );
  const order = JSON.stringify({ app, services: entries });
  const run = await runNode([program, order], { cwd: directory, timeoutMs: limit });
  if (run.timedOut) throw serviceNotLoaded(`it was not done after ${limit / 1_000} s`);
  if (run.answer === '') throw serviceNotLoaded(run.stderr.trim() || 'it ended the process');
  const { document, error } = JSON.parse(run.answer) as {
    readonly document?: object;
    readonly error?: string;
  };
  if (document === undefined) throw serviceNotLoaded(error ?? 'it answered nothing');
  return document;
};
