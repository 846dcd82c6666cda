import type { LogPolicy } from '../../protocol/call-policy.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import type { Log } from '../context.ts';
import { requestContext } from '../request-context.ts';
import type { Around } from './interceptor.ts';

/** One line a call that took longer than this, and one for each that failed; never its arguments. */
export const logging =
  ({ slowerThanMs }: LogPolicy, log: Log): Around =>
  async (call, next) => {
    const startedAt = performance.now();
    const { kind, method, from } = call;
    const fields = () => ({
      kind,
      method,
      from,
      ms: Math.round((performance.now() - startedAt) * 1_000) / 1_000,
      traceparent: requestContext.getStore()?.traceparent,
    });
    try {
      const value = await next(call);
      const line = fields();
      if (line.ms >= slowerThanMs) log.info('called', line);
      return value;
    } catch (error) {
      log.warn('call failed', { ...fields(), code: toErrorData(error).code });
      throw error;
    }
  };
