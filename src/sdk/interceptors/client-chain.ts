import { type BreakerPolicy, everyMethod } from '../../protocol/call-policy.ts';
import type { Contract } from '../../protocol/contract.ts';
import { breaker } from './breaker.ts';
import type { Around, InterceptedCall } from './interceptor.ts';
import { tracing } from './tracing.ts';

type Known = { readonly policy: string; readonly interceptor: Around };

/** What stands round the calls that the services of this worker make, from the outside to the inside. */
export class ClientChain {
  readonly #breakers = new Map<string, Known>();

  of(
    { service, method }: InterceptedCall,
    { calls, written }: { readonly calls: Contract['calls']; readonly written: readonly Around[] },
  ): readonly Around[] {
    const traced = tracing('client');
    if (calls === undefined && traced.length === 0) return written;
    return [...traced, ...written, ...this.#breakersOf(service, method, calls)];
  }

  #breakersOf(service: string, method: string, calls: Contract['calls']): readonly Around[] {
    if (calls === undefined) return [];
    const own = Object.hasOwn(calls, method) ? calls[method]?.breaker : undefined;
    if (own !== undefined) return [this.#breaker(`${service}.${method}`, own)];
    const all = calls[everyMethod]?.breaker;
    return all === undefined ? [] : [this.#breaker(service, all)];
  }

  /** It keeps what it has counted when a new table says the same as the one before. */
  #breaker(target: string, settings: BreakerPolicy): Around {
    const policy = JSON.stringify(settings);
    const known = this.#breakers.get(target);
    if (known?.policy === policy) return known.interceptor;
    const interceptor = breaker(settings);
    this.#breakers.set(target, { policy, interceptor });
    return interceptor;
  }
}
