import { setTimeout as after } from 'node:timers/promises';

const tryEveryMs = 100;

/** This process, or the whole machine, has as many files open as it may. */
export const isOutOfDescriptors = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
};

/** Does it as soon as there are descriptors for it; any other error is thrown. */
export const withDescriptors = async <T>(run: () => T | Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isOutOfDescriptors(error)) throw error;
      await after(tryEveryMs);
    }
  }
};
