import { dirname, join, sep } from 'node:path';

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

/** A service as a bundle that Node can run; its source map is in it. */
export const bundleFile = (folder: string, service: string): string =>
  join(folder, 'build', `${service}.mjs`);

export const isBundle = (entry: string): boolean =>
  dirname(entry).endsWith(join(sep, folderOf(''), 'build'));
