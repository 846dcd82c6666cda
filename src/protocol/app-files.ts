import { join } from 'node:path';

const folderOf = (app: string): string => join(app, '.forge');

/** What an app keeps in its folder, longer than it runs. */
export const appFiles = {
  folder: folderOf,
  /** What operators changed and did. */
  state: (app: string): string => join(folderOf(app), 'state.db'),
  history: (app: string): string => join(folderOf(app), 'history.db'),
  logs: (app: string): string => join(folderOf(app), 'logs'),
  /** Modules as Node has compiled them. */
  compiled: (app: string): string => join(folderOf(app), 'cache'),
  /** Which process has all this, and where it runs. */
  owner: (app: string): string => join(folderOf(app), 'owner.json'),
  /** Where its run is, when the system has no folder for that. */
  run: (app: string): string => join(folderOf(app), 'run'),
} as const;
