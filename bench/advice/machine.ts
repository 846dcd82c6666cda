import { loadavg, setPriority } from 'node:os';

/** Lets the bench and what it starts run before other programs: they are not what is measured. */
export const goAhead = (): boolean => {
  try {
    setPriority(-10);
    return true;
  } catch {
    // Not root: the machine has to be quiet.
    return false;
  }
};

export const loadNow = (): string => `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
