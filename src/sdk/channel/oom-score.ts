import { readFileSync, writeFileSync } from 'node:fs';

/**
 * By how much sooner than a supervisor the kernel ends such a process when memory is short, in
 * thousandths of the memory that there is: more than the one that is to stay may have grown larger by.
 */
const sooner = { ingress: 200, worker: 500, build: 700 } as const;

export type OomRank = keyof typeof sooner;

/** The kernel takes none above. */
const most = 1_000;

const fileOf = (pid: number | 'self'): string => `/proc/${pid}/oom_score_adj`;

/** What this process was given, maybe by a service manager; undefined where there is no such thing. */
export const ownOomScore = (): number | undefined => {
  try {
    return Number(readFileSync(fileOf('self'), 'utf8'));
  } catch {
    // Not Linux, or its /proc is hidden.
    return undefined;
  }
};

export const setOomScore = (pid: number, score: number): void => {
  try {
    writeFileSync(fileOf(pid), String(score));
  } catch {
    // Not permitted, or it has ended: it goes with what it inherited.
  }
};

/** For a child just started: it and all that it will start are ended before this process. */
export const raiseOomScore = (pid: number | undefined, rank: OomRank): void => {
  const own = ownOomScore();
  if (pid === undefined || own === undefined) return;
  setOomScore(pid, Math.min(most, own + sooner[rank]));
};
