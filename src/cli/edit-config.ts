import { execa } from 'execa';
import type { Guest } from '../tui/top.ts';
import { findOwnConfig, type Target } from './target.ts';

/** The config file in the operator's editor; what was written counts when it is asked for. */
export const editConfig =
  (target: Target, app: string): Guest =>
  async (socketPath, end) => {
    if (socketPath !== app) return 'the config of this app is not known here';
    const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
    const file = await findOwnConfig(target);
    // An editor may be a command with options, as in `code --wait`.
    const { exitCode } = await execa('sh', ['-c', `${editor} "$1"`, 'sh', file], {
      stdio: 'inherit',
      reject: false,
      cancelSignal: end,
    });
    return exitCode === 0
      ? `${file}: \`forge reload\` goes over to what it says now`
      : `the editor ${editor} ended with ${exitCode ?? 'a signal'}`;
  };
