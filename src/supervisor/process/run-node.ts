import { execa } from 'execa';

export type NodeRun = {
  /** What it wrote to descriptor 3. */
  readonly answer: string;
  readonly stderr: string;
  readonly timedOut: boolean;
};

/** Runs a short Node program to its end and kills it when it takes too long. */
export const runNode = async (
  args: readonly string[],
  { cwd, timeoutMs }: { readonly cwd: string; readonly timeoutMs: number },
): Promise<NodeRun> => {
  const run = await execa(process.execPath, args, {
    cwd,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    reject: false,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  return {
    answer: String(run.stdio[3] ?? ''),
    stderr: String(run.stderr ?? ''),
    timedOut: run.timedOut,
  };
};
