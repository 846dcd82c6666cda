import { statOf } from '../../sdk/channel/process-start.ts';

/** The main one, the one for what is delayed, and the four of V8: without them Node runs nothing. */
const fewestThreads = 6;
/** In ticks of 10 ms. Who has taken more than this has begun to run, with fewer threads if told so. */
const mostTicks = 20;

/** Node does not say that the system has no room for its threads: it sleeps until they are there. */
export const lacksThreads = (pid: number | undefined): boolean => {
  const fields = pid === undefined ? [] : statOf(pid);
  const [userTicks, systemTicks, threads] = [11, 12, 17].map((at) => Number(fields[at]));
  if (fields[0] !== 'S' || userTicks === undefined || systemTicks === undefined) return false;
  return userTicks + systemTicks <= mostTicks && (threads ?? fewestThreads) < fewestThreads;
};

/** What it prints when it does say it, before it aborts. */
export const saysThreadsLack = (output: string): boolean =>
  /^ *#? *Assertion failed: .*uv_thread_create\(/m.test(output);

export const noThreads = 'the system has no room for its threads';
