import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';

export const versionCommand = (io: Io): Command =>
  new Command('version')
    .description('Say which ThreadForge and which Node this is')
    .option('--json', 'print one JSON document')
    .action(({ json }: { readonly json?: boolean }) => {
      const version = packageVersion();
      const node = process.versions.node;
      if (json === true) printJson(io, { version: 1, threadforge: version, node });
      else io.out(`threadforge ${version}, node ${node}\n`);
    });

const packageVersion = (): string => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
};
