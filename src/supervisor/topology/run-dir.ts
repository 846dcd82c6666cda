import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { appFiles } from '../../protocol/app-files.ts';
import { socketPathTooLong } from '../../protocol/start-errors.ts';

/** The longest name that the supervisor puts into a run directory. */
const longestSocket = 'w99999.http.sock';

/** Where the sockets of an app are, by the rules that every command shares. */
export const runDirOf = (
  directory: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string => {
  const { FORGE_RUN_DIR: given, XDG_RUNTIME_DIR: runtime } = env;
  if (given) return checked(given);
  if (!runtime) return checked(appFiles.run(directory));
  return checked(join(runtime, runtimeNameOf(directory)));
};

/**
 * Where they may be, the likeliest first: an operator's shell has another runtime directory than
 * the system's service manager.
 */
export const runDirsOf = (
  directory: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] => {
  const own = runDirOf(directory, env);
  return env['FORGE_RUN_DIR'] ? [own] : [own, join('/run', runtimeNameOf(directory))];
};

/** The name of an app's run directory below a runtime directory; safe in every file. */
export const runtimeNameOf = (directory: string): string => {
  const name = basename(directory)
    .replace(/[^\w.-]/g, '-')
    .slice(0, 40);
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  return `forge/${name}-${hash}`;
};

const checked = (directory: string): string => {
  const path = join(directory, longestSocket);
  if (Buffer.byteLength(path) > 107) throw socketPathTooLong(path);
  return directory;
};
