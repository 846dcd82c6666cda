import type { AllocationReport, Budget } from '../../protocol/allocation.ts';
import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { Placement } from '../../protocol/topology.ts';
import type { Bytes } from '../../protocol/units.ts';
import type { AppConfig } from '../config/app-config.ts';
import { readBudget } from '../host/budget.ts';
import { type Allocated, allocate } from '../topology/allocate.ts';
import { type Demand, demandOf } from '../topology/demand.ts';
import { explainAllocation } from '../topology/explain-allocation.ts';

export type AllocatorParts = {
  readonly config: () => AppConfig;
  readonly placements: () => readonly Placement[];
  /** What 95 % of the samples of a group's workers stayed under. */
  readonly memoryOf: (group: string) => Bytes | undefined;
};

/** What the timeline says of a budget that cannot hold the least. */
export const allocationEvents = ({
  app,
  at,
  warnings,
}: AllocationReport): readonly TimelineEvent[] =>
  warnings.map(({ text }) => ({ at, kind: 'threshold', severity: 'warning', service: app, text }));

/** Says what each group would get now: of the machine as it is, by the memory that workers took. */
export class Allocator {
  readonly #parts: AllocatorParts;
  #last: Allocated | undefined;

  constructor(parts: AllocatorParts) {
    this.#parts = parts;
  }

  explain(budget: Budget = readBudget()): AllocationReport {
    const { config, placements } = this.#parts;
    this.#last = allocate(this.#demands(), budget, this.#last);
    const moment = { app: config().app, at: new Date().toISOString(), placements: placements() };
    return explainAllocation(this.#last, moment);
  }

  #demands(): readonly Demand[] {
    const { config, placements, memoryOf } = this.#parts;
    const { services } = config();
    return placements().map(({ group, services: names }) =>
      demandOf(
        group,
        services.filter(({ name }) => names.includes(name)),
        memoryOf(group),
      ),
    );
  }
}
