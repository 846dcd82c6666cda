import { isAlive, isGone, type ProcessIdentity } from '../../sdk/channel/process-start.ts';
import { signalGroup } from './signal.ts';

export type Ending = {
  readonly reason: string;
  /** The system had no room for the process: it never ran. */
  readonly isDenied?: true;
};

/** One process of the app, whoever started it. */
export type Running = {
  readonly pid: number;
  /** Resolves once, when it is gone. */
  readonly exited: Promise<Ending>;
  /** Signals it and everything that it started. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Its connection closed: look whether it is gone. */
  look(): void;
};

const lookEveryMs = 1_000;
const lookCloselyEveryMs = 10;
const closelyMs = 1_000;

/**
 * A process that an earlier supervisor started. The kernel tells only a parent of an end, so this
 * one is looked at: now and then, and closely when its connection has closed.
 */
export const adopted = (process: ProcessIdentity, reasonOf: () => Promise<string>): Running => {
  const { promise: exited, resolve } = Promise.withResolvers<Ending>();
  let closelyUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const check = (): void => {
    if (hasEnded) return;
    if (isGone(process)) {
      hasEnded = true;
      // What the worker itself started must not outlive it.
      signalGroup(process.pid, 'SIGKILL');
      resolve(reasonOf().then((reason) => ({ reason })));
      return;
    }
    const closely = performance.now() < closelyUntil;
    timer = setTimeout(check, closely ? lookCloselyEveryMs : lookEveryMs).unref();
  };
  check();
  return {
    pid: process.pid,
    exited,
    signal: (name) => {
      if (isAlive(process)) signalGroup(process.pid, name);
    },
    look: () => {
      closelyUntil = performance.now() + closelyMs;
      clearTimeout(timer);
      check();
    },
  };
};
