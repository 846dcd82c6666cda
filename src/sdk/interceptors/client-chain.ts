import { type BreakerPolicy, type BreakerStatus, everyMethod } from '../../protocol/call-policy.ts';
import type { Contract } from '../../protocol/contract.ts';
import { type Breaker, breaker } from './breaker.ts';
import type { Around, InterceptedCall } from './interceptor.ts';
import { tracing } from './tracing.ts';

/** It stands round a method, or round every one that has none of its own. */
type Known = {
  readonly service: string;
  readonly method: string;
  readonly policy: string;
  readonly breaker: Breaker;
};

type CallsOf = (service: string) => Contract['calls'];

/** What stands round the calls that the services of this worker make, from the outside to the inside. */
export class ClientChain {
  readonly #breakers = new Map<string, Known>();

  of(
    { service, method }: Pick<InterceptedCall, 'service' | 'method'>,
    { calls, written }: { readonly calls: Contract['calls']; readonly written: readonly Around[] },
  ): readonly Around[] {
    const traced = tracing('client');
    if (calls === undefined && traced.length === 0) return written;
    return [...traced, ...written, ...this.#breakersOf(service, method, calls)];
  }

  /** What is called with a breaker, and how that is; those that a table has no more are left out. */
  breakers(callsOf: CallsOf): Readonly<Record<string, BreakerStatus>> {
    const used = [...this.#breakers].filter(
      ([, { service, method }]) => callsOf(service)?.[method]?.breaker !== undefined,
    );
    return Object.fromEntries(used.map(([target, { breaker }]) => [target, breaker.status()]));
  }

  #breakersOf(service: string, method: string, calls: Contract['calls']): readonly Around[] {
    if (calls === undefined) return [];
    const own = Object.hasOwn(calls, method) ? calls[method]?.breaker : undefined;
    if (own !== undefined) return [this.#breaker({ service, method }, own)];
    const all = calls[everyMethod]?.breaker;
    return all === undefined ? [] : [this.#breaker({ service, method: everyMethod }, all)];
  }

  /** It keeps what it has counted when a new table says the same as the one before. */
  #breaker(of: Pick<Known, 'service' | 'method'>, settings: BreakerPolicy): Around {
    const target = of.method === everyMethod ? of.service : `${of.service}.${of.method}`;
    const policy = JSON.stringify(settings);
    const known = this.#breakers.get(target);
    if (known?.policy === policy) return known.breaker.around;
    const own = breaker(settings);
    this.#breakers.set(target, { ...of, policy, breaker: own });
    return own.around;
  }
}
