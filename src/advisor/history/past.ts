import type { Memory, Outcome, Waiting } from '../memory/memory.ts';

export type Acted = Memory['done'][number];

/** What was done to each service, what came of it, and on what there is no verdict yet. */
export type Past = {
  readonly done: ReadonlyMap<string, readonly Acted[]>;
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>;
  /** Also of the service whose figures tell it. */
  readonly waiting: ReadonlyMap<string, readonly Waiting[]>;
};

/** Sorted by service once a second, and not looked through for each of many services. */
export const pastOf = ({ done, outcomes, waiting }: Memory): Past => ({
  done: Map.groupBy(done, ({ service }) => service),
  outcomes: Map.groupBy(outcomes, ({ service }) => service),
  waiting: byConcerned(waiting),
});

const byConcerned = (waiting: readonly Waiting[]): Past['waiting'] => {
  const concerned = new Map<string, Waiting[]>();
  for (const one of waiting) {
    for (const name of new Set([one.service, one.measured])) {
      concerned.set(name, [...(concerned.get(name) ?? []), one]);
    }
  }
  return concerned;
};
