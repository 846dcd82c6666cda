import { promiseHooks } from 'node:v8';
import { requestContext } from '../request-context.ts';
import { now } from '../rpc/calls.ts';
import type { ServiceMeter } from '../rpc/service-meter.ts';

/** Slices that are running right now, the innermost last: a local call runs inside its caller's slice. */
const meters: (ServiceMeter | undefined)[] = [];
const startedAt: number[] = [];
const nestedMs: number[] = [];
let depth = 0;

/** A slice of this service begins; it may be inside of another one's. */
export const beginSlice = (meter: ServiceMeter, at: number): void => {
  meters[depth] = meter;
  startedAt[depth] = at;
  nestedMs[depth] = 0;
  depth += 1;
};

/** The innermost slice is over. */
export const endSlice = (): void => {
  if (depth === 0) return;
  depth -= 1;
  const took = now() - (startedAt[depth] ?? 0);
  if (depth > 0) nestedMs[depth - 1] = (nestedMs[depth - 1] ?? 0) + took;
  meters[depth]?.slice(Math.max(0, took - (nestedMs[depth] ?? 0)));
};

/** Runs a slice of a service on its account. */
export const inSlice = <T>(meter: ServiceMeter, run: () => T): T => {
  beginSlice(meter, now());
  try {
    return run();
  } finally {
    endSlice();
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
      if (meter !== undefined) beginSlice(meter, now());
    },
    after: () => {
      if (metered) endSlice();
      metered = false;
    },
  });
};
