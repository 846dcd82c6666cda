import { Command } from 'commander';
import type { RoutingTable } from '../../protocol/topology.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean };

export const routesCommand = (io: Io): Command =>
  withTarget(new Command('routes'))
    .description('List the HTTP routes of the running app, and who answers them')
    .option('--json', 'print one JSON document, for scripts')
    .action(async (options: Options) => {
      await using supervisor = await attach(options, 'operator');
      const { withoutTrials } = await import('../../sdk/rpc/balance/canary.ts');
      const { services } = await supervisor.request('routingTable', {});
      const routes = routesOf(withoutTrials(services));
      if (options.json === true) printJson(io, { version: 1, routes });
      else if (routes.length === 0) io.err('no service has a route\n');
      else io.out(routes.map(line).join(''));
    });

type Route = {
  readonly method: string;
  readonly path: string;
  readonly service: string;
  /** Absent for a raw route. */
  readonly handler?: string;
  readonly upgrade?: true;
  /** Workers that answer it now. */
  readonly workers: number;
};

const routesOf = (services: RoutingTable['services']): readonly Route[] =>
  Object.entries(services)
    .flatMap(([service, { contract, endpoints }]) =>
      contract.routes.map((route) => ({ ...route, service, workers: endpoints.length })),
    )
    .toSorted((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method));

const line = ({ method, path, service, handler, upgrade, workers }: Route): string => {
  const kind = upgrade === true ? 'upgrade' : 'raw';
  const none = workers === 0 ? '  (no worker answers)' : '';
  return `${method.padEnd(8)}${path.padEnd(40)} ${service}${handler === undefined ? ` (${kind})` : `.${handler}`}${none}\n`;
};
