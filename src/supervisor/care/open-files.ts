import { readdirSync, readFileSync } from 'node:fs';

export type OpenFiles = {
  readonly open: number;
  /** More than this it cannot open. */
  readonly limit: number;
};

/** Undefined for a process that ended, or while we cannot open a file ourselves. */
export const readOpenFiles = (pid: number): OpenFiles | undefined => {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
    return { open: readdirSync(`/proc/${pid}/fd`).length, limit };
  } catch {
    return undefined;
  }
};
