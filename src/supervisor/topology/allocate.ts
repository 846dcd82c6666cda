import type { AllocationWarning, Budget } from '../../protocol/allocation.ts';
import type { Demand } from './demand.ts';

/** One group's number of workers, and what keeps it from more. */
export type Share = {
  readonly demand: Demand;
  readonly workers: number;
  readonly stop: 'asked' | 'most' | 'cores' | 'memory';
};

/** The answer together with the question, so that the next one can tell whether much has changed. */
export type Allocated = {
  readonly budget: Budget;
  /** Whole cores that workers may take; the rest is the supervisor's and the ingress's. */
  readonly workerCores: number;
  readonly shares: readonly Share[];
  /** What cannot hold even the least that is asked for. */
  readonly short: readonly AllocationWarning['limit'][];
};

/** From this many cores on, one is kept for the supervisor and the ingress. */
const reserveFrom = 4;
/** A budget or a figure that changes by less than this part changes no worker. */
const tolerance = 0.1;

/**
 * Divides a budget among groups. Each gets the least it asks for; then the free cores go one by one
 * to the `auto` group that is the furthest behind its weight. One worker runs JavaScript on one core:
 * more workers than cores would wait for each other.
 */
export const allocate = (
  demands: readonly Demand[],
  budget: Budget,
  previous?: Allocated,
): Allocated => {
  if (previous !== undefined && isSteady(previous, demands, budget)) return previous;
  const workerCores = coresForWorkers(budget.cores);
  const limits = { cores: workerCores, memory: budget.memoryBytes ?? Number.POSITIVE_INFINITY };
  return { budget, workerCores, shares: divide(demands, limits), short: shortOf(demands, limits) };
};

const coresForWorkers = (cores: number): number => {
  const whole = Math.max(1, Math.floor(cores));
  return whole >= reserveFrom ? whole - 1 : whole;
};

type Limits = { readonly cores: number; readonly memory: number };
type Claim = { readonly demand: Demand; readonly workers: number };

const divide = (demands: readonly Demand[], limits: Limits): readonly Share[] => {
  let claims: readonly Claim[] = demands.map((demand) => ({ demand, workers: demand.least }));
  for (;;) {
    const left = leftOf(claims, limits);
    const next = furthestBehind(claims.filter((claim) => stopOf(claim, left) === undefined));
    if (next === undefined) {
      return claims.map((claim) => ({ ...claim, stop: stopOf(claim, left) ?? 'cores' }));
    }
    claims = claims.map((claim) =>
      claim === next ? { ...claim, workers: claim.workers + 1 } : claim,
    );
  }
};

const leftOf = (claims: readonly Claim[], limits: Limits): Limits => ({
  cores: claims.reduce((left, { workers }) => left - workers, limits.cores),
  memory: claims.reduce(
    (left, { demand, workers }) => left - workers * demand.memory.bytes,
    limits.memory,
  ),
});

const stopOf = ({ demand, workers }: Claim, left: Limits): Share['stop'] | undefined => {
  if (!demand.isAuto) return 'asked';
  if (workers >= demand.most) return 'most';
  if (left.cores < 1) return 'cores';
  return left.memory < demand.memory.bytes ? 'memory' : undefined;
};

/**
 * By the rule of Sainte-Laguë: it comes as near to the exact shares as whole workers can, and never
 * takes one away because there is more to divide.
 */
const furthestBehind = (claims: readonly Claim[]): Claim | undefined =>
  claims.reduce<Claim | undefined>(
    (best, claim) => (best === undefined || lagOf(claim) > lagOf(best) ? claim : best),
    undefined,
  );

const lagOf = ({ demand, workers }: Claim): number => demand.weight / (workers + 0.5);

/** Many light services on few cores are no fault, unless one of them waits for a share of those. */
const shortOf = (demands: readonly Demand[], limits: Limits): Allocated['short'] => {
  const left = leftOf(
    demands.map((demand) => ({ demand, workers: demand.least })),
    limits,
  );
  const waits = demands.some(({ isAuto }) => isAuto);
  return [
    ...(waits && left.cores < 0 ? (['cores'] as const) : []),
    ...(left.memory < 0 ? (['memory'] as const) : []),
  ];
};

/** The budget to go on with: the one there was, unless the new one differs enough to matter. */
export const steadyBudget = (previous: Budget, now: Budget): Budget =>
  isNear(previous.cores, now.cores) && isNear(previous.memoryBytes, now.memoryBytes)
    ? previous
    : now;

const isSteady = (previous: Allocated, demands: readonly Demand[], budget: Budget): boolean =>
  steadyBudget(previous.budget, budget) === previous.budget &&
  previous.shares.length === demands.length &&
  previous.shares.every(({ demand }, index) => isSameDemand(demand, demands[index]));

const isSameDemand = (before: Demand, now: Demand | undefined): boolean =>
  now !== undefined &&
  before.group === now.group &&
  before.services.join() === now.services.join() &&
  before.least === now.least &&
  before.most === now.most &&
  before.isAuto === now.isAuto &&
  before.weight === now.weight &&
  before.memory.from === now.memory.from &&
  isNear(before.memory.bytes, now.memory.bytes);

const isNear = (before: number | undefined, now: number | undefined): boolean =>
  before === now ||
  (before !== undefined && now !== undefined && Math.abs(now - before) < before * tolerance);
