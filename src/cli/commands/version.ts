import { Command } from 'commander';
import { ownVersion } from '../../supervisor/host/own-version.ts';
import { type Io, printJson } from '../io.ts';

export const versionText = (): string =>
  `threadforge ${ownVersion()}, node ${process.versions.node}`;

export const versionCommand = (io: Io): Command =>
  new Command('version')
    .description('Say which ThreadForge and which Node this is')
    .option('--json', 'print one JSON document')
    .action(({ json }: { readonly json?: boolean }) => {
      const { node } = process.versions;
      if (json === true) printJson(io, { version: 1, threadforge: ownVersion(), node });
      else io.out(`${versionText()}\n`);
    });
