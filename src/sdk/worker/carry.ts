import { contextInvalid } from '../../protocol/call-errors.ts';
import { type Carried, carriedProblem } from '../../protocol/rpc/carried.ts';
import type { Context, Luggage } from '../context.ts';
import { RequestContext, requestContext } from '../request-context.ts';
import { Cancellation } from '../rpc/cancellation.ts';
import type { ServiceMeter } from '../rpc/meters/service-meter.ts';
import { newTraceparent } from '../rpc/trace.ts';

type Owner = { readonly name: string; readonly meter: ServiceMeter };

/** How a service changes what its calls take along. */
export const carrying = (owner: Owner): Pick<Context, 'carry' | 'detach'> => ({
  carry: (luggage, run) => {
    const context = requestContext.getStore() ?? ownRequest(owner);
    const carried = packed(context.carried, luggage);
    return requestContext.run(context.with({ carried }), run);
  },
  detach: (run) => {
    const context = requestContext.getStore() ?? ownRequest(owner);
    return requestContext.run(context.with(unlimited()), run);
  },
});

const unlimited = () => ({
  deadlineAt: Number.POSITIVE_INFINITY,
  cancellation: new Cancellation(),
});

/** Begun by the service itself, in `onStart` or by a timer. */
const ownRequest = ({ name, meter }: Owner): RequestContext =>
  new RequestContext({
    service: name,
    from: name,
    meter,
    traceparent: newTraceparent(),
    carried: { hops: 0 },
    ...unlimited(),
  });

const packed = (carried: Carried, { baggage, ...luggage }: Luggage): Carried => {
  const merged = baggage === undefined ? {} : { baggage: { ...carried.baggage, ...baggage } };
  const all = { ...carried, ...luggage, ...merged };
  const problem = carriedProblem(all);
  if (problem !== undefined) throw contextInvalid(problem);
  return all;
};
