import { cpus } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';

const busyShare = 0.25;
const everyMs = 1_000;
const quietLooks = 3;

/**
 * Resolves when nothing else is at work on this machine, or when the limit is over. What the
 * advisor says of a rush depends on the idle cores, and no test owns those.
 */
export const quietMachine = async (limitMs: number): Promise<void> => {
  const until = performance.now() + limitMs;
  let before = times();
  for (let quiet = 0; quiet < quietLooks && performance.now() < until; ) {
    await after(everyMs);
    const now = times();
    const share = (now.busy - before.busy) / Math.max(1, now.all - before.all);
    quiet = share < busyShare ? quiet + 1 : 0;
    before = now;
  }
};

const times = (): { readonly busy: number; readonly all: number } => {
  const sums = cpus().map(({ times: { user, nice, sys, irq, idle } }) => {
    const busy = user + nice + sys + irq;
    return { busy, all: busy + idle };
  });
  return sums.reduce((a, b) => ({ busy: a.busy + b.busy, all: a.all + b.all }));
};
