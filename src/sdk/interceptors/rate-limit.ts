import { rateLimited } from '../../protocol/call-errors.ts';
import type { RatePolicy } from '../../protocol/call-policy.ts';
import { requestContext } from '../request-context.ts';
import { targetOf } from '../rpc/calls.ts';
import type { Around } from './interceptor.ts';
import { Recent } from './recent.ts';

type Bucket = { tokens: number; at: number };

/** Callers or tenants beyond these share nothing: whoever was longest away begins with a full bucket. */
const mostBuckets = 10_000;

/** A bucket that fills at `perSecond` and holds `burst`: each call takes one token out of it. */
export const rateLimit = (
  { perSecond, burst, by }: RatePolicy,
  clock: () => number = () => performance.now(),
): Around => {
  const buckets = new Recent<Bucket>(mostBuckets);
  return (call, next) => {
    const owner = ownerOf(by, call.from);
    const bucket = buckets.get(owner) ?? { tokens: burst, at: clock() };
    buckets.set(owner, bucket);
    const at = clock();
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1_000) * perSecond);
    bucket.at = at;
    if (bucket.tokens < 1) {
      const waitMs = ((1 - bucket.tokens) / perSecond) * 1_000;
      throw rateLimited(targetOf(call), { perSecond, waitMs });
    }
    bucket.tokens -= 1;
    return next(call);
  };
};

const ownerOf = (by: RatePolicy['by'], from: string): string => {
  switch (by) {
    case 'service':
      return '';
    case 'caller':
      return from;
    case 'tenant':
      return requestContext.getStore()?.tenant ?? '';
  }
};
