import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A file below a folder; both without links. */
export type Found = { readonly root: string; readonly file: string; readonly isIndex: boolean };

const indexFile = 'index.html';

/**
 * What a path names below a folder, decoded once; undefined for everything that could lead out of
 * it or to a hidden file. `.well-known` is the one folder with a dot that is meant for the public.
 */
export const nameIn = (path: string): string | undefined => {
  const name = decoded(path.replace(/^\//, ''));
  if (name === undefined || /[\0\\]/.test(name)) return undefined;
  const parts = name.replace(/\/$/, '').split('/');
  const isHidden = parts.some(
    (part, index) => part.startsWith('.') && !(index === 0 && part === '.well-known'),
  );
  const isHollow = parts.length > 1 && parts.includes('');
  return isHidden || isHollow ? undefined : name;
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    // An escape that is none, or bytes that are no UTF-8: no file has such a name.
    return undefined;
  }
};

/** The file with all links followed, if that is still below the folder. */
export const findFile = async (directory: string, name: string): Promise<Found | undefined> => {
  try {
    const root = await realpath(directory);
    const file = await realpath(join(root, name));
    if (file !== root && !file.startsWith(root + sep)) return undefined;
    const found = await stat(file);
    if (found.isFile()) return name.endsWith('/') ? undefined : { root, file, isIndex: false };
    if (!found.isDirectory()) return undefined;
    const page = await realpath(join(file, indexFile));
    const isInside = page.startsWith(root + sep) && (await stat(page)).isFile();
    return isInside ? { root, file: page, isIndex: true } : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
};

const absences = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG', 'EINVAL'];

export const isAbsence = (error: unknown): boolean =>
  absences.includes((error as NodeJS.ErrnoException).code ?? '');
