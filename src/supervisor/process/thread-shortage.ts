import { readText } from '../host/cgroups.ts';

/** The main one, the one for what is delayed, and the four of V8: without them Node runs nothing. */
const fewestThreads = 6;

/** Node does not say that the system has no room for its threads: it sleeps until they are there. */
export const lacksThreads = (pid: number | undefined): boolean => {
  const status = readText(`/proc/${pid}/status`) ?? '';
  const threads = Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? fewestThreads);
  return /^State:\s+S/m.test(status) && threads < fewestThreads;
};

/** What it prints when it does say it, before it aborts. */
export const saysThreadsLack = (output: string): boolean =>
  /^ *#? *Assertion failed: .*uv_thread_create\(/m.test(output);

export const noThreads = 'the system has no room for its threads';
