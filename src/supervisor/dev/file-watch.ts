import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** An editor writes a file in several steps, and several files in one go. */
const quietMs = 40;
const ignored = /(?:^|\/)(?:node_modules|\.forge|\.git|dist)(?:\/|$)|~$|\.sw[a-z]$/;

/** Tells which files below a folder have changed, once for all that change at the same time. */
export const watchFiles = (
  directory: string,
  changed: (files: ReadonlySet<string>) => void,
): Disposable => {
  let files = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    const told = files;
    files = new Set();
    changed(told);
  };
  const watcher: FSWatcher = watch(directory, { recursive: true }, (_event, name) => {
    if (name === null || ignored.test(name)) return;
    files.add(join(directory, name));
    clearTimeout(timer);
    timer = setTimeout(tell, quietMs);
  });
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
};
