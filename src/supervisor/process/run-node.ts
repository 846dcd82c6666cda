import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { raiseOomScore } from '../../sdk/channel/oom-score.ts';
import { cannotStart, withoutThreads } from './not-started.ts';
import { lacksThreads, saysThreadsLack } from './thread-shortage.ts';

export type NodeRun = {
  /** What it wrote to descriptor 3. */
  readonly answer: string;
  readonly stderr: string;
  readonly timedOut: boolean;
};

type NodeRunOptions = {
  readonly cwd: string;
  /** That of this process unless another is given. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
};

/**
 * Runs a short Node program to its end and kills it when it takes too long. Done by hand, as every
 * supervisor does it: a package for it would stay in its memory for good.
 */
export const runNode = async (
  args: readonly string[],
  { timeoutMs, ...where }: NodeRunOptions,
): Promise<NodeRun> => {
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, args, { ...where, stdio: [...stdio] });
  raiseOomScore(child.pid, 'build');
  let [timedOut, hasStarved] = [false, false];
  const timer = setTimeout(() => {
    timedOut = true;
    hasStarved = lacksThreads(child.pid);
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    // Both descriptors are the pipes asked for above.
    const texts = Promise.all(
      [child.stdio[2], child.stdio[3]].map((pipe) => text(pipe as NodeJS.ReadableStream)),
    );
    const [stderr, answer] = await Promise.race([texts, cannotStart(child)]);
    if (hasStarved || saysThreadsLack(stderr ?? '')) throw withoutThreads();
    return { answer: answer ?? '', stderr: stderr ?? '', timedOut };
  } finally {
    clearTimeout(timer);
  }
};
