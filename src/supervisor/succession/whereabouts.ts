import { appFiles } from '../../protocol/app-files.ts';
import { readJson } from '../../sdk/channel/atomic-file.ts';
import { runDirsOf } from '../topology/run-dir.ts';

/** The supervisor that has what an app keeps in its folder. */
export type AppOwner = { readonly pid: number; readonly runDir: string };

/** As it has noted itself in the folder of the app; it may be gone. */
export const appOwnerOf = (directory: string): AppOwner | undefined => {
  const { pid, runDir } = (readJson(appFiles.owner(directory)) ?? {}) as Partial<AppOwner>;
  return pid === undefined || runDir === undefined ? undefined : { pid, runDir };
};

/**
 * Where the run of an app may be, the likeliest first. Under cron, or by sudo, a command has another
 * runtime directory than the shell that started the app: last comes where its supervisor says it is.
 */
export const runsOf = (directory: string): readonly string[] => {
  const places = runDirsOf(directory);
  const owner = process.env['FORGE_RUN_DIR'] ? undefined : appOwnerOf(directory);
  return owner === undefined || places.includes(owner.runDir) ? places : [...places, owner.runDir];
};
