import type { ServiceStatus } from '../../protocol/metrics.ts';
import { bySeverity } from '../../protocol/severity.ts';
import { matching } from './query.ts';

export const sorts = [
  'config',
  'severity',
  'name',
  'cpu',
  'p99',
  'requests',
  'errors',
  'pending',
  'memory',
] as const;
export type Sort = (typeof sorts)[number];

const orders: Readonly<Record<Sort, (a: ServiceStatus, b: ServiceStatus) => number>> = {
  config: () => 0,
  severity: (a, b) => bySeverity(a.severity, b.severity),
  name: (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }),
  cpu: (a, b) => b.cpu - a.cpu,
  p99: (a, b) => b.latencyMs.p99 - a.latencyMs.p99,
  requests: (a, b) => b.requestsPerSecond - a.requestsPerSecond,
  errors: (a, b) => b.errorRate - a.errorRate,
  pending: (a, b) => b.pending - a.pending,
  memory: (a, b) => b.memoryBytes - a.memoryBytes,
};

export type Arrangement = {
  readonly filter: string;
  readonly sort: Sort;
  readonly isInverted: boolean;
  readonly pins: readonly string[];
};

export const visibleIn = (
  services: readonly ServiceStatus[],
  { filter, sort, isInverted, pins }: Arrangement,
): readonly ServiceStatus[] => {
  const found = matching(services, filter);
  const sorted = sort === 'config' ? found : found.toSorted(orders[sort]);
  const ordered = isInverted ? sorted.toReversed() : sorted;
  if (pins.length === 0) return ordered;
  const isPinned = ({ name }: ServiceStatus): boolean => pins.includes(name);
  return [...ordered.filter(isPinned), ...ordered.filter((service) => !isPinned(service))];
};
