import type { AllocationReport, AllocationWarning } from '../../protocol/allocation.ts';
import type { Placement } from '../../protocol/topology.ts';
import { bytes, formatSize } from '../../protocol/units.ts';
import type { Allocated, Share } from './allocate.ts';

type Moment = {
  readonly app: string;
  readonly at: string;
  readonly placements: readonly Placement[];
};

/** An allocation in words, beside the workers that there are. */
export const explainAllocation = (allocated: Allocated, moment: Moment): AllocationReport => ({
  version: 1,
  app: moment.app,
  at: moment.at,
  budget: allocated.budget,
  workerCores: allocated.workerCores,
  groups: allocated.shares.map((share) => ({
    group: share.demand.group,
    services: share.demand.services,
    workers: share.workers,
    running: moment.placements.find(({ group }) => group === share.demand.group)?.workers ?? 0,
    memoryBytesPerWorker: share.demand.memory.bytes,
    memoryFrom: share.demand.memory.from,
    why: whyOf(share, allocated),
  })),
  warnings: warningsOf(allocated),
});

/** Which limit binds when a budget cannot hold even the least. */
export const warningsOf = (allocated: Allocated): readonly AllocationWarning[] =>
  allocated.short.map((limit) => ({
    limit,
    text: limit === 'cores' ? coresShort(allocated) : memoryShort(allocated),
  }));

const coresShort = ({ budget, workerCores, shares }: Allocated): string =>
  `${workersOf(leastOf(shares))} at least for ${coresOf(workerCores)} (${boundName(budget.coresBound)} binds); every 'auto' stays at its least`;

const memoryShort = ({ budget, shares }: Allocated): string => {
  const needed = shares.reduce((sum, { demand }) => sum + demand.least * demand.memory.bytes, 0);
  return `${workersOf(leastOf(shares))} at least, which may take ${formatSize(bytes(needed))} of ${formatSize(budget.memoryBytes ?? bytes(0))} (${boundName(budget.memoryBound)} binds); every 'auto' stays at its least`;
};

const whyOf = ({ demand, workers, stop }: Share, { workerCores, shares }: Allocated): string => {
  switch (stop) {
    case 'asked':
      return `the config starts it with ${workersOf(workers)}`;
    case 'most':
      return `auto: ${workers} is the most it may have`;
    case 'memory':
      return `auto: one more of ${formatSize(demand.memory.bytes)} (${demand.memory.from}) does not fit into the memory`;
    case 'cores':
      return workers === demand.least
        ? 'auto: no core is free for more than its least'
        : `auto: ${workers} of ${coresOf(workerCores)}, by its weight of ${demand.weight} among ${autoWeight(shares)}`;
  }
};

const leastOf = (shares: readonly Share[]): number =>
  shares.reduce((sum, { demand }) => sum + demand.least, 0);

const autoWeight = (shares: readonly Share[]): number =>
  shares.reduce((sum, { demand }) => sum + (demand.isAuto ? demand.weight : 0), 0);

const boundNames = {
  machine: 'the machine',
  cpuset: 'the CPU set',
  quota: 'the CPU quota',
  cgroup: 'the control group',
} as const;

const boundName = (bound: keyof typeof boundNames | undefined): string =>
  boundNames[bound ?? 'machine'];

const workersOf = (count: number): string => `${count} worker${count === 1 ? '' : 's'}`;
const coresOf = (count: number): string => `${count} core${count === 1 ? '' : 's'}`;
