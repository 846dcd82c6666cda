import type { Capacity } from '../capacity.ts';
import { rateAt, type Trace } from '../trace.ts';
import type { Policy } from './policy.ts';

/**
 * Knows the trace and what each number of workers can carry: always as few as suffice, ordered so
 * early that they are ready when they are needed. It shuns no change, as a machine would not care.
 */
export const oracle = (trace: Trace, capacity: Capacity, startDelayMs: number): Policy => {
  const ahead = Math.ceil(startDelayMs / 1_000) + 1;
  return {
    decide: ({ second }) => {
      let highest = 0;
      for (let later = 1; later <= ahead; later += 1) {
        highest = Math.max(highest, rateAt(trace, second + later));
      }
      return capacity.workersFor(highest);
    },
  };
};
