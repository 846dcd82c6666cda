import { existsSync } from 'node:fs';
import type { Action } from '../protocol/action.ts';
import { appFiles } from '../protocol/app-files.ts';
import { attach, doWithout, findFolder, type Target } from './target.ts';

/** From the supervisor, or from the file when none answers: what was done stays known. */
export const readActions = async (target: Target, since?: number): Promise<readonly Action[]> => {
  try {
    await using supervisor = await attach(target);
    return (await supervisor.request('actions', since === undefined ? {} : { since })).actions;
  } catch (error) {
    doWithout(target, error);
    const file = appFiles.state(await findFolder(target));
    if (!existsSync(file)) throw error;
    const { readActions: readFile } = await import('../supervisor/actions/journal.ts');
    return readFile(file, since);
  }
};
