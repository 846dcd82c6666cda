import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { socketPathTooLong } from '../../protocol/errors.ts';

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
