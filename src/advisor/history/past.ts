import type { Memory, Outcome } from '../memory/memory.ts';

type Acted = Memory['done'][number];

/** What was done to each service, what came of it, and on what there is no verdict yet. */
export type Past = {
  readonly done: ReadonlyMap<string, readonly Acted[]>;
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>;
  readonly waiting: ReadonlySet<string>;
};

/** Sorted by service once a second, and not looked through for each of many services. */
export const pastOf = ({ done, outcomes, waiting }: Memory): Past => ({
  done: Map.groupBy(done, ({ service }) => service),
  outcomes: Map.groupBy(outcomes, ({ service }) => service),
  waiting: new Set(waiting.flatMap(({ service, measured }) => [service, measured])),
});
