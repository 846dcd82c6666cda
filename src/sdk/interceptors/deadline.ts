import { deadlineExceeded } from '../../protocol/errors.ts';
import { requestContext } from '../request-context.ts';
import { now, targetOf } from '../rpc/calls.ts';
import { Cancellation } from '../rpc/cancellation.ts';
import { nowhere } from '../rpc/under-way/crowd.ts';
import type { Around } from './interceptor.ts';

/**
 * Gives a method less time than its caller has: what it calls in turn ends by then, and the caller
 * gets its answer. The method itself is not stopped; `ctx.request.signal` tells it.
 */
export const deadline =
  (timeoutMs: number): Around =>
  async (call, next) => {
    const context = requestContext.getStore();
    const deadlineAt = Math.min(context?.deadlineAt ?? Number.POSITIVE_INFINITY, now() + timeoutMs);
    const late = Promise.withResolvers<never>();
    const target = targetOf(call);
    // Of this call alone: a colocated caller shares the cancellation of its own request with it.
    const cancellation = new Cancellation();
    const outer = { place: nowhere, cancelled: () => cancellation.cancel() };
    context?.cancellation.watch(outer);
    const end = (): void => {
      cancellation.cancel();
      late.reject(deadlineExceeded(target, timeoutMs));
    };
    const timer = setTimeout(end, timeoutMs);
    const run = async (): Promise<unknown> => next(call);
    try {
      return await Promise.race([
        context === undefined
          ? run()
          : requestContext.run(context.with({ deadlineAt, cancellation }), run),
        late.promise,
      ]);
    } finally {
      clearTimeout(timer);
      context?.cancellation.unwatch(outer);
    }
  };
