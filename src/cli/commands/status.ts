import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean };

export const statusCommand = (io: Io): Command =>
  withTarget(new Command('status'))
    .description('Say how every service and worker is')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      await using supervisor = await attach(options);
      if (options.json === true) {
        printJson(io, await supervisor.request('status', {}));
        return;
      }
      const { statusText } = await import('../../tui/plain/status.ts');
      const { themeFrom } = await import('../../tui/themes.ts');
      const snapshot = await supervisor.request('snapshot', {});
      const theme = io.interactive
        ? themeFrom(process.env, { ascii: false })
        : { ascii: false, color: false };
      io.out(`${statusText(snapshot, { width: io.columns, theme })}\n`);
    });
