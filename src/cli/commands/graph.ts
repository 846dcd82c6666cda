import { Command } from 'commander';
import type { AppConfig } from '../../supervisor/config/app-config.ts';
import { type Io, printJson } from '../io.ts';
import { findOwnConfig, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean; readonly mermaid?: boolean };
type Edge = { readonly from: string; readonly to: string; readonly kind: 'calls' | 'startsAfter' };
type Node = { readonly name: string; readonly group: string };

export const graphCommand = (io: Io): Command =>
  withTarget(new Command('graph'))
    .description('Show which services call which, as the config says')
    .option('--mermaid', 'as a Mermaid flowchart')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      const { loadConfig } = await import('../../supervisor/config/load-config.ts');
      const config = await loadConfig({ file: await findOwnConfig(options) });
      const graph = { services: nodesOf(config), edges: edgesOf(config) };
      if (options.json === true) printJson(io, { version: 1, ...graph });
      else io.out(options.mermaid === true ? mermaid(graph) : plain(graph));
    });

type Graph = { readonly services: readonly Node[]; readonly edges: readonly Edge[] };

const nodesOf = ({ services, remotes }: AppConfig): readonly Node[] => [
  ...services.map(({ name, group }) => ({ name, group })),
  ...remotes.map(({ name }) => ({ name, group: 'remote' })),
];

const edgesOf = ({ services }: AppConfig): readonly Edge[] =>
  services.flatMap(({ name, connects, dependsOn }) => [
    ...connects.map((to) => ({ from: name, to, kind: 'calls' as const })),
    ...dependsOn.map((to) => ({ from: name, to, kind: 'startsAfter' as const })),
  ]);

const plain = ({ services, edges }: Graph): string =>
  services
    .map(({ name }) => {
      const to = (kind: Edge['kind']): string =>
        edges
          .flatMap((edge) => (edge.from === name && edge.kind === kind ? edge.to : []))
          .join(', ');
      const after = to('startsAfter');
      return `${name.padEnd(24)} → ${to('calls') || '–'}${after === '' ? '' : `  (starts after ${after})`}\n`;
    })
    .join('');

/** Services by number: a name may hold what the language takes for its own. */
const mermaid = ({ services, edges }: Graph): string => {
  const id = (name: string): string => `s${services.findIndex((one) => one.name === name)}`;
  const arrow = { calls: '-->', startsAfter: '-.->' } as const;
  return [
    'flowchart LR',
    ...services.map(({ name }) => `  ${id(name)}["${name}"]`),
    ...edges.map(({ from, to, kind }) => `  ${id(from)} ${arrow[kind]} ${id(to)}`),
    '',
  ].join('\n');
};
