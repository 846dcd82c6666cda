import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderUnwritable } from '../../protocol/start-errors.ts';

/** Makes the folder of an app's logs and state, if it is not there; throws when it cannot be used. */
export const prepareFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true });
    checkWritable(folder);
  } catch (error) {
    throw folderUnwritable(folder, error);
  }
  hideFromGit(folder);
};

const hideFromGit = (folder: string): void => {
  try {
    writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch {
    // It is there already; or it cannot be written, and git lists a folder more.
  }
};

/** Whether it could be made and used; makes nothing. */
export const checkFolder = (folder: string): void => {
  try {
    checkWritable(existsSync(folder) ? folder : dirname(folder));
  } catch (error) {
    throw folderUnwritable(folder, error);
  }
};

/** By the dot, a file is none. */
const checkWritable = (folder: string): void => accessSync(`${folder}/.`, constants.W_OK);
