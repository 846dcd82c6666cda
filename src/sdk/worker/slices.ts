import { promiseHooks } from 'node:v8';
import { type RequestContext, requestContext } from '../request-context.ts';
import { now } from '../rpc/calls.ts';

/** Whose slice it is. */
type Holder = Pick<RequestContext, 'meter' | 'held'>;

/** Slices that are running right now, the innermost last: a local call runs inside its caller's slice. */
const holders: (Holder | undefined)[] = [];
const startedAt: number[] = [];
const nestedMs: number[] = [];
let depth = 0;

/** Who goes on sooner has not left the loop to others. */
const awayMs = 0.5;

/** A slice of a request begins; it may be inside of another one's. */
export const beginSlice = (holder: Holder, at: number): void => {
  if (at - holder.held.leftAt > awayMs) holder.held.visits += 1;
  holders[depth] = holder;
  startedAt[depth] = at;
  nestedMs[depth] = 0;
  depth += 1;
};

/** The innermost slice is over. */
export const endSlice = (): void => {
  if (depth === 0) return;
  depth -= 1;
  const at = now();
  const took = at - (startedAt[depth] ?? 0);
  if (depth > 0) nestedMs[depth - 1] = (nestedMs[depth - 1] ?? 0) + took;
  const ownMs = Math.max(0, took - (nestedMs[depth] ?? 0));
  const holder = holders[depth];
  if (holder === undefined) return;
  holders[depth] = undefined;
  holder.meter.slice(ownMs);
  holder.held.ms += ownMs;
  holder.held.leftAt = at;
};

/** Runs a slice on the account of its request. */
export const inSlice = <T>(holder: Holder, run: () => T): T => {
  beginSlice(holder, now());
  try {
    return run();
  } finally {
    endSlice();
  }
};

/**
 * From now on every promise continuation is on the account of the request that it belongs to: the
 * asynchronous context says whose, the hooks say from when to when. About 180 ns an await. What a
 * bare timer callback does is not seen.
 */
export const meterContinuations = (): void => {
  let metered = false;
  promiseHooks.createHook({
    before: () => {
      const holder = requestContext.getStore();
      metered = holder !== undefined;
      if (holder !== undefined) beginSlice(holder, now());
    },
    after: () => {
      if (metered) endSlice();
      metered = false;
    },
  });
};
