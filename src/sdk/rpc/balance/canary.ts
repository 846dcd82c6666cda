import type { RouteEntry } from '../../../protocol/contract.ts';
import type { RoutingTable } from '../../../protocol/topology.ts';
import type { OutboundCall } from '../calls.ts';
import { hash } from './hash.ts';

type Services = RoutingTable['services'];
type Asked = Pick<OutboundCall, 'kind' | 'service' | 'method' | 'key' | 'workerId'>;

/**
 * The service that a call goes to: the one that it names, or for a share of the calls the one that is
 * on trial beside it. Calls with the same key stay on one side. Events and messages are not shared.
 */
export const canaryOf = (
  services: Services,
  call: Asked,
  random: () => number = Math.random,
): string => {
  const { canary } = services[call.service] ?? {};
  if (canary === undefined || !answers(services[canary.service], call)) return call.service;
  const drawn = call.key === undefined ? random() : hash(`${call.key}\0canary`) / 2 ** 32;
  return drawn * 100 < canary.percent ? canary.service : call.service;
};

type RawAsked = Pick<RouteEntry, 'method' | 'path' | 'upgrade'> & { readonly service: string };

/** The same for a raw route, which the one on trial must have as well. */
export const rawCanaryOf = (
  services: Services,
  { service, method, path, upgrade }: RawAsked,
  random: () => number = Math.random,
): string => {
  const { canary } = services[service] ?? {};
  const trial = canary === undefined ? undefined : services[canary.service];
  if (canary === undefined || trial === undefined || !isThere(trial)) return service;
  const hasIt = trial.contract.routes.some(
    (route) =>
      route.handler === undefined &&
      route.method === method &&
      route.path === path &&
      route.upgrade === upgrade,
  );
  return hasIt && random() * 100 < canary.percent ? canary.service : service;
};

const isThere = ({ endpoints }: Services[string]): boolean =>
  endpoints.some(({ draining }) => !draining);

/** What is on trial answers by the routes of the service that it stands in for, and has none of its own. */
export const withoutTrials = (services: Services): Services => {
  const trials = new Set(Object.values(services).map(({ canary }) => canary?.service));
  return trials.size === 1 && trials.has(undefined)
    ? services
    : Object.fromEntries(Object.entries(services).filter(([name]) => !trials.has(name)));
};

const answers = (
  trial: Services[string] | undefined,
  { kind, method, workerId }: Asked,
): boolean => {
  if (trial === undefined || workerId !== undefined) return false;
  const { contract } = trial;
  if (!isThere(trial)) return false;
  switch (kind) {
    case 'call':
      return contract.expose.includes(method);
    case 'route':
      return contract.routes.some(({ handler }) => handler === method);
    case 'request':
      return true;
    case 'event':
    case 'broadcast':
    case 'message':
      return false;
  }
};
