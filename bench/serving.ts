import { spawn } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';

export type Running = {
  readonly url: string;
  readonly stop: () => Promise<void>;
};

/** Resolves when the address answers 200. */
const answers = async (url: string): Promise<void> => {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await after(20);
  }
};

export const startProcess = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  url: string,
): Promise<Running> => {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([
    answers(url),
    ended.then(() => Promise.reject(new Error(`${args.join(' ')} ended`))),
  ]);
  return {
    url,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};
