import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';
import { ownVersion } from '../own-version.ts';

export const versionCommand = (io: Io): Command =>
  new Command('version')
    .description('Say which ThreadForge and which Node this is')
    .option('--json', 'print one JSON document')
    .action(({ json }: { readonly json?: boolean }) => {
      const version = ownVersion();
      const node = process.versions.node;
      if (json === true) printJson(io, { version: 1, threadforge: version, node });
      else io.out(`threadforge ${version}, node ${node}\n`);
    });
