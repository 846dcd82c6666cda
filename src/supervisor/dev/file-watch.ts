import { relative, sep } from 'node:path';
import { watch } from 'chokidar';

/** An editor writes a file in several steps, and several files in one go. */
const quietMs = 40;
const ignored = /(?:^|\/)(?:node_modules|\.forge|\.git)(?:\/|$)|~$|\.sw[a-z]$/;
/** What is built of the sources, as a rule. */
export const builtFolder = 'dist';

export type WatchHandlers = {
  readonly changed: (files: ReadonlySet<string>) => void;
  /** Some of them are not watched, as when the system gives this user no more watches. */
  readonly failed: (error: unknown) => void;
  /** Files elsewhere that are watched as well. */
  readonly also?: readonly string[];
  /** What is built is what runs. */
  readonly withBuilt?: boolean;
};

/**
 * Tells which files below a folder have changed, once for all that change at the same time; however
 * an editor saves them: in place, or as a new file under the old name. Resolves when it sees all.
 */
export const watchFiles = async (
  directory: string,
  { changed, failed, also = [], withBuilt = false }: WatchHandlers,
): Promise<Disposable> => {
  let files = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    const told = files;
    files = new Set();
    changed(told);
  };
  const watcher = watch([directory, ...also], {
    ignored: (path) => {
      const file = relative(directory, path);
      return ignored.test(file) || (!withBuilt && file.split(sep).includes(builtFolder));
    },
    ignoreInitial: true,
    ignorePermissionErrors: true,
  });
  watcher.on('all', (_event, file) => {
    files.add(file);
    clearTimeout(timer);
    timer = setTimeout(tell, quietMs);
  });
  const ready = new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  watcher.on('error', failed);
  await ready;
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      void watcher.close();
    },
  };
};
