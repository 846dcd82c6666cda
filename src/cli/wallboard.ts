import { execa } from 'execa';
import type { Guest } from '../tui/top.ts';

/**
 * `forge dash` on this terminal, as a process of its own: what it draws with takes signals and the
 * screen for itself. Answers what went wrong, or nothing.
 */
export const showBoard: Guest = async (socketPath, end) => {
  const [node, forge = ''] = process.argv;
  const { exitCode } = await execa(
    node ?? process.execPath,
    [forge, 'dash', '--socket', socketPath],
    {
      stdio: 'inherit',
      reject: false,
      cancelSignal: end,
    },
  );
  if (exitCode === 0) return '';
  return exitCode === 4 ? 'the wallboard ended: the supervisor is gone' : 'the wallboard ended';
};
