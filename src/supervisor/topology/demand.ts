import type { ServiceConfig } from '../../protocol/topology.ts';
import { type Bytes, megabytes } from '../../protocol/units.ts';
import { memoryLimitOf } from '../process/memory-limit.ts';

/** What one group asks of the allocator. */
export type Demand = {
  readonly group: string;
  readonly services: readonly string[];
  readonly least: number;
  readonly most: number;
  /** Whether it takes more than the least where there is room. */
  readonly isAuto: boolean;
  readonly weight: number;
  readonly memory: { readonly bytes: Bytes; readonly from: 'limit' | 'measured' | 'assumed' };
};

type Member = Pick<ServiceConfig, 'name' | 'workers' | 'weight' | 'memoryLimit'>;

/** What a worker of an idle service takes, before there is a figure. */
const assumedMemory = megabytes(64);

/** Services of one group ask together: the largest number of each, and the sum of their weights. */
export const demandOf = (group: string, services: readonly Member[], measured?: Bytes): Demand => {
  const { min, max } = workerBounds(services);
  const asked = services.flatMap(({ workers }) =>
    workers.initial === 'auto' ? [] : [workers.initial],
  );
  const least = Math.max(min, Math.min(max, Math.max(0, ...asked)));
  return {
    group,
    services: services.map(({ name }) => name),
    least,
    most: Math.max(least, max),
    isAuto: services.some(({ workers }) => workers.initial === 'auto'),
    weight: services.reduce((sum, { weight }) => sum + (weight ?? 1), 0),
    memory: memoryOf(services, measured),
  };
};

/** Most and fewest workers that every service of a group allows. */
export const workerBounds = (
  services: readonly Pick<ServiceConfig, 'workers'>[],
): { readonly min: number; readonly max: number } => ({
  min: Math.max(1, ...services.map(({ workers }) => workers.min)),
  max: Math.min(...services.map(({ workers }) => workers.max)),
});

const memoryOf = (services: readonly Member[], measured: Bytes | undefined): Demand['memory'] => {
  const limit = memoryLimitOf(services);
  if (limit !== undefined) return { bytes: limit, from: 'limit' };
  return measured === undefined
    ? { bytes: assumedMemory, from: 'assumed' }
    : { bytes: measured, from: 'measured' };
};
