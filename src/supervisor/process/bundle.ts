import { type BuildOptions, build, type Metafile, stop } from 'esbuild';
import { raiseOomScore } from '../../sdk/channel/oom-score.ts';
import { childrenOf } from '../command/process-tree.ts';

let underWay = 0;

/**
 * Runs esbuild, whose own program ends with the last build that is under way: it would stay in memory
 * for as long as we live, and once somebody had killed it every later build would fail. Answers what it has read.
 */
export const bundle = async (options: BuildOptions): Promise<Metafile> => {
  underWay += 1;
  try {
    const before = childrenOf(process.pid);
    const built = build({ ...options, metafile: true });
    // It starts its program at once, and tells nobody which one that is.
    for (const pid of childrenOf(process.pid)) {
      if (!before.includes(pid)) raiseOomScore(pid, 'build');
    }
    return (await built).metafile;
  } finally {
    underWay -= 1;
    if (underWay === 0) await stop();
  }
};
