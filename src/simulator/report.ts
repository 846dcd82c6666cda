import { Capacity } from './capacity.ts';
import { makePolicy } from './policies/make.ts';
import type { PolicyName } from './policies/policy.ts';
import { peakRate, type Setup } from './setup.ts';
import { type Outcome, simulate } from './simulate.ts';
import { rateAt, scaledTo, type Trace } from './trace.ts';

/** `forge simulate --json`. */
export type SimulationReport = {
  readonly version: 1;
  readonly trace: string;
  readonly seed: number;
  readonly results: readonly PolicyResult[];
};

export type PolicyResult = Omit<Outcome, 'changes'> & {
  readonly policy: PolicyName;
  readonly coreHoursVsOracle: number;
};

/** One policy after the other on the same requests. */
export const comparePolicies = (
  trace: Trace,
  setup: Setup,
  policies: readonly PolicyName[],
): SimulationReport => {
  const runs = new Runs(trace, setup);
  const reference = runs.of('oracle').coreHours;
  const results = policies.map((policy): PolicyResult => {
    const { changes: _changes, ...outcome } = runs.of(policy);
    return rounded({ policy, ...outcome, coreHoursVsOracle: outcome.coreHours / reference });
  });
  return { version: 1, trace: trace.name, seed: setup.seed, results };
};

/** Runs a trace under policies, each once. */
export class Runs {
  readonly capacity: Capacity;
  readonly trace: Trace;
  readonly #setup: Setup;
  readonly #outcomes = new Map<PolicyName, Outcome>();

  constructor(trace: Trace, setup: Setup, capacity = new Capacity(setup)) {
    this.trace = scaledTo(trace, peakRate(setup));
    this.#setup = setup;
    this.capacity = capacity;
  }

  of(name: PolicyName): Outcome {
    const known = this.#outcomes.get(name);
    if (known !== undefined) return known;
    const { trace, capacity } = this;
    const policy = makePolicy(name, { trace, setup: this.#setup, capacity });
    const workers = capacity.workersFor(rateAt(trace, 0));
    const outcome = simulate({ trace, setup: this.#setup, policy, workers });
    this.#outcomes.set(name, outcome);
    return outcome;
  }
}

const rounded = (result: PolicyResult): PolicyResult => ({
  ...result,
  badShare: to(4, result.badShare),
  coreHours: to(2, result.coreHours),
  coreHoursVsOracle: to(3, result.coreHoursVsOracle),
  actionsPerHour: to(1, result.actionsPerHour),
  reversalsPerHour: to(1, result.reversalsPerHour),
  p99Ms: Math.round(result.p99Ms),
});

const to = (digits: number, value: number): number => Number(value.toFixed(digits));
