import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alreadyRunning, socketPathTooLong } from '../../protocol/errors.ts';
import { processStart } from '../process/identity.ts';

/** The longest name that the supervisor puts into a run directory. */
const longestSocket = 'w99999.http.sock';

/** Where the sockets of an app are, by the rules that every command shares. */
export const runDirOf = (
  app: { readonly app: string; readonly directory: string },
  env: Readonly<Record<string, string | undefined>> = process.env,
): string => {
  const { FORGE_RUN_DIR: given, XDG_RUNTIME_DIR: runtime } = env;
  if (given) return checked(given);
  if (!runtime) return checked(join(app.directory, '.forge', 'run'));
  const hash = createHash('sha256').update(app.directory).digest('hex').slice(0, 8);
  return checked(join(runtime, 'forge', `${app.app}-${hash}`));
};

const checked = (directory: string): string => {
  const path = join(directory, longestSocket);
  if (Buffer.byteLength(path) > 107) throw socketPathTooLong(path);
  return directory;
};

/** Makes the directory ours until disposed; refuses while another supervisor lives in it. */
export const claimRunDir = (directory: string, app: string): Disposable => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const file = join(directory, 'supervisor.json');
  const owner = readOwner(file);
  if (owner !== undefined && processStart(owner.pid) === owner.started) {
    throw alreadyRunning(app, owner.pid);
  }
  const self = { pid: process.pid, started: processStart(process.pid) };
  writeFileSync(file, JSON.stringify(self), { mode: 0o600 });
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
};

type Owner = { readonly pid: number; readonly started: string };

const readOwner = (file: string): Owner | undefined => {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Partial<Owner>;
    return typeof owner.pid === 'number' && typeof owner.started === 'string'
      ? { pid: owner.pid, started: owner.started }
      : undefined;
  } catch {
    // Absent or cut short by a crash: nobody lives here.
    return undefined;
  }
};
