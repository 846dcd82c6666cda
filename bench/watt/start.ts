import { join } from 'node:path';
import { freePort } from '../../test/helpers/free-port.ts';
import { type Running, startProcess } from '../serving.ts';

const wattpm = join(import.meta.dirname, '../node_modules/wattpm/bin/cli.js');

/** Starts the app of a config in this folder; resolves when this path of it answers. */
export const startWatt = async (config: string, path: string): Promise<Running> => {
  const port = await freePort();
  return startProcess(
    [wattpm, 'start', '--config', config, import.meta.dirname],
    { PORT: String(port) },
    `http://127.0.0.1:${port}${path}`,
  );
};
