import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Finding } from '../doctor/finding.ts';
import { type Io, printJson } from '../io.ts';
import { plain } from '../plain.ts';
import { findFolder, type Target } from '../target.ts';

type Options = Pick<Target, 'app' | 'config'> & { readonly json?: boolean };

export const doctorCommand = (io: Io): Command =>
  new Command('doctor')
    .description('Look for what is wrong with the machine and the app, and say how to mend it')
    .option('--app <dir>', 'folder of the app (default: the nearest that is one)')
    .option('--config <file>', 'the config file itself')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      // Also where there is no app: the machine may be looked at before there is one.
      const folder = await findFolder(options).catch(() => resolve(options.app ?? '.'));
      const { examineMachine } = await import('../doctor/machine.ts');
      const { examineApp } = await import('../doctor/app.ts');
      const findings = [...(await examineMachine(folder)), ...(await examineApp(folder, options))];
      if (options.json === true) printJson(io, { version: 1, findings });
      else io.out(plain(describeFindings(findings)));
      io.exitWith(findings.some(({ fix }) => fix !== undefined) ? 1 : 0);
    });

const describeFindings = (findings: readonly Finding[]): string => {
  const wrong = findings.filter(({ fix }) => fix !== undefined).length;
  const end = wrong === 0 ? 'nothing is wrong' : `${wrong} of ${findings.length} are wrong`;
  return `${findings.map(describeFinding).join('')}${end}\n`;
};

const describeFinding = ({ check, found, fix }: Finding): string => {
  const line = `${fix === undefined ? 'ok   ' : 'wrong'}  ${check.padEnd(13)}  ${found}\n`;
  return fix === undefined ? line : `${line}       → ${fix}\n`;
};
