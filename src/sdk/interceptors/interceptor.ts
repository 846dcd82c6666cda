import type { InboundCall } from '../rpc/calls.ts';

/** What an interceptor sees of a call, at either end of it. */
export type InterceptedCall = Pick<InboundCall, 'kind' | 'service' | 'method' | 'args' | 'from'>;

/**
 * Stands round a call: looks at it, changes its arguments (`next({ ...call, args })`), answers in its
 * place, or fails. `next` may be called once, again, or not at all.
 */
export type Interceptor = <C extends InterceptedCall>(
  call: C,
  next: (call: C) => Promise<unknown>,
) => Promise<unknown>;

/** Those of a service: round what it is asked, and round what it asks of others. */
export type Interceptors = {
  readonly server?: readonly Interceptor[];
  readonly client?: readonly Interceptor[];
};

/** Answers with a value or with a promise of it: a promise less is a good part of a short call. */
export type Next<C extends InterceptedCall> = (call: C) => unknown;

/** One of ours, which leaves a value that is no promise as it is. */
export type Around = <C extends InterceptedCall>(call: C, next: Next<C>) => unknown;

/** One that a service wrote gets promises only. */
export const written =
  (interceptor: Interceptor): Around =>
  (call, next) =>
    interceptor(call, async (passed) => next(passed));

/** The first of them is the outermost. */
export const compose = <C extends InterceptedCall>(
  around: readonly Around[],
  last: Next<C>,
): Next<C> => around.reduceRight<Next<C>>((next, each) => (call) => each(call, next), last);
