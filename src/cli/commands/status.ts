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
      const { plainReport } = await import('../../tui/plain/report.ts');
      const snapshot = await supervisor.request('snapshot', {});
      io.out(`${plainReport(snapshot, { width: io.columns })}\n`);
    });
