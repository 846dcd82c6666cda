import { promiseHooks } from 'node:v8';
import { requestContext } from '../request-context.ts';
import type { ServiceMeter } from '../rpc/service-meter.ts';

/** Slices that are running right now, the innermost last: a local call runs inside its caller's slice. */
const meters: (ServiceMeter | undefined)[] = [];
const startedAt: number[] = [];
const nestedMs: number[] = [];
let depth = 0;

const enter = (meter: ServiceMeter): void => {
  meters[depth] = meter;
  startedAt[depth] = performance.now();
  nestedMs[depth] = 0;
  depth += 1;
};

const leave = (): void => {
  if (depth === 0) return;
  depth -= 1;
  const took = performance.now() - (startedAt[depth] ?? 0);
  if (depth > 0) nestedMs[depth - 1] = (nestedMs[depth - 1] ?? 0) + took;
  meters[depth]?.slice(Math.max(0, took - (nestedMs[depth] ?? 0)));
};

/** Runs the first slice of a handler on the account of its service. */
export const inSlice = <T>(meter: ServiceMeter, run: () => T): T => {
  enter(meter);
  try {
    return run();
  } finally {
    leave();
  }
};

/**
 * From now on every promise continuation is on the account of the service whose request it
 * belongs to: the asynchronous context says whose, the hooks say from when to when. About 180 ns
 * an await. What a bare timer callback does is not seen.
 */
export const meterContinuations = (): void => {
  let metered = false;
  promiseHooks.createHook({
    before: () => {
      const meter = requestContext.getStore()?.meter;
      metered = meter !== undefined;
      if (meter !== undefined) enter(meter);
    },
    after: () => {
      if (metered) leave();
      metered = false;
    },
  });
};
