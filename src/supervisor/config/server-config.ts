import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { serverUnusable } from '../../protocol/config-errors.ts';
import { isCommand, type ServiceConfig } from '../../protocol/topology.ts';
import { readBudget } from '../host/budget.ts';
import type { AppConfig } from './app-config.ts';
import { parseConfig } from './parse/parse-config.ts';
import { isUsableName } from './parse/parse-name.ts';

const extensions = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/** An existing server, and what it is started with. */
export type ServerFile = { readonly path: string; readonly args: readonly string[] };

/**
 * The app that consists of one existing server and its folder. Clients find it at `port`, else at
 * the port that it asks for.
 */
export const serverConfig = ({ path, args }: ServerFile, port: number | undefined): AppConfig => {
  const file = resolve(path);
  checkServer(path, file);
  const directory = dirname(file);
  const command = [process.execPath, file, ...args].map(shellQuoted).join(' ');
  const service = { command, ...(port === undefined ? {} : { port }) };
  const config = parseConfig(
    { services: { [nameOf(file)]: service } },
    { file, directory, budget: readBudget(), exists: existsSync },
  );
  return { ...config, isServer: true, services: config.services.map(withPort) };
};

const checkServer = (path: string, file: string): void => {
  if (!existsSync(file)) throw serverUnusable(path, 'does not exist', 'Correct the path.');
  if (statSync(file).isDirectory()) {
    const fix = `Name the file, or start the app that is in it with \`forge start --app ${path}\`.`;
    throw serverUnusable(path, 'is a folder', fix);
  }
  if (!extensions.includes(extname(file))) {
    const fix = "Write a forge.config with a command for it, such as 'python3 server.py'.";
    throw serverUnusable(path, 'is no JavaScript or TypeScript file', fix);
  }
};

/** A name that a service may have, and as much like that of the file as can be. */
const nameOf = (file: string): string => {
  const name = basename(file, extname(file))
    .replaceAll(/[^\w.-]/g, '-')
    .slice(0, 50);
  return isUsableName(name) ? name : `server-${name}`;
};

const withPort = (service: ServiceConfig): ServiceConfig =>
  isCommand(service) ? { port: 'asked', ...service } : service;

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
