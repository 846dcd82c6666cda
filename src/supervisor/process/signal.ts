/** Signals a process that we started, and all that it started in its group. */
export const signalGroup = (pid: number, name: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-pid, name);
  } catch {
    // The group is empty, which is what was wanted.
  }
};
