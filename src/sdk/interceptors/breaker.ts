import type { BreakerPolicy, BreakerStatus } from '../../protocol/call-policy.ts';
import { unavailable } from '../../protocol/errors.ts';
import { targetOf } from '../rpc/calls.ts';
import { isRefusal } from '../rpc/refusal.ts';
import type { Around } from './interceptor.ts';

type State =
  | { readonly status: 'closed' }
  | { readonly status: 'open'; readonly until: number }
  | { readonly status: 'half-open'; probing: number; passed: number };

export type Breaker = { readonly around: Around; readonly status: () => BreakerStatus };

const buckets = 10;
const broken = 'it fails most of the time, and is not asked for a while';

/** Counts calls over a time that moves on in tenths. */
class Tally {
  readonly #bucketMs: number;
  #counts: { bucket: number; calls: number; failures: number }[] = [];

  constructor(withinMs: number) {
    this.#bucketMs = withinMs / buckets;
  }

  add(at: number, failed: boolean): void {
    const bucket = Math.floor(at / this.#bucketMs);
    this.#counts = this.#counts.filter((count) => count.bucket > bucket - buckets);
    const last = this.#counts.at(-1);
    const current = last?.bucket === bucket ? last : { bucket, calls: 0, failures: 0 };
    if (current !== last) this.#counts.push(current);
    current.calls += 1;
    if (failed) current.failures += 1;
  }

  /** Percent of the calls, of at least so many, that failed. */
  failing(least: number): number {
    const calls = this.#counts.reduce((sum, count) => sum + count.calls, 0);
    const failures = this.#counts.reduce((sum, count) => sum + count.failures, 0);
    return calls < least ? 0 : (failures / calls) * 100;
  }

  clear(): void {
    this.#counts = [];
  }
}

/**
 * Does not ask for a while what fails most of the time, then tries it with a few. An answer that
 * says no (a 4xx) is no failure.
 */
export const breaker = (
  { failures, least, withinMs, openMs, probes }: BreakerPolicy,
  clock: () => number = () => performance.now(),
): Breaker => {
  const tally = new Tally(withinMs);
  let state: State = { status: 'closed' };

  const open = (): void => {
    tally.clear();
    state = { status: 'open', until: clock() + openMs };
  };
  /** Whether the call may pass; a probe takes one of the few places. */
  const admit = (): boolean => {
    if (state.status === 'open' && clock() >= state.until) {
      state = { status: 'half-open', probing: 0, passed: 0 };
    }
    if (state.status !== 'half-open') return state.status === 'closed';
    state.probing += 1;
    return state.probing <= probes;
  };
  const settle = (asked: State, failed: boolean): void => {
    // The end of a call that began in another state says nothing about this one.
    if (asked !== state) return;
    if (state.status === 'half-open') {
      state.passed += 1;
      if (failed) open();
      else if (state.passed >= probes) state = { status: 'closed' };
      return;
    }
    tally.add(clock(), failed);
    if (tally.failing(least) >= failures) open();
  };

  const around: Around = async (call, next) => {
    if (!admit()) throw unavailable(targetOf(call), 'no', broken);
    const asked = state;
    try {
      const value = await next(call);
      settle(asked, false);
      return value;
    } catch (error) {
      settle(asked, !isRefusal(error));
      throw error;
    }
  };
  // Once its time is over the next call is a probe, whenever that comes.
  const status = (): BreakerStatus =>
    state.status === 'open' && clock() >= state.until ? 'half-open' : state.status;
  return { around, status };
};
