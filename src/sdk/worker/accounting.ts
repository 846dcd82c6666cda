import type { Carried } from '../../protocol/rpc/carried.ts';
import { runInheriting } from '../request-context.ts';
import { now } from '../rpc/calls.ts';
import { Cancellation } from '../rpc/cancellation.ts';
import { newTraceparent, parseTraceparent, parseTracestate } from '../rpc/trace.ts';
import type { Hosted } from './hosted.ts';
import type { Guard } from './raw-routes.ts';

const firstHop: Carried = { hops: 0 };

/** Runs raw requests on the account of their service, as calls from the ingress. */
export const accounting =
  (services: ReadonlyMap<string, Hosted>, deadlineMs: number): Guard =>
  async ({ service, path }, request, run) => {
    const hosted = services.get(service);
    if (hosted === undefined) return;
    const cancellation = new Cancellation();
    request.signal.addEventListener('abort', () => cancellation.cancel(), { once: true });
    const { traceparent, tracestate } = request.headers;
    const state = parseTracestate(tracestate);
    const sentAt = now();
    await hosted.account(
      {
        sentAt,
        takenAt: sentAt,
        deadlineMs,
        traceparent: parseTraceparent(traceparent) ?? newTraceparent(),
        from: 'ingress',
        carried: state === undefined ? firstHop : { ...firstHop, tracestate: state },
        cancellation,
      },
      {
        run,
        counter: hosted.meter.methods.of('raw', `${request.method} ${path}`),
        within: runInheriting,
      },
    );
  };
