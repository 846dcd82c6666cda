import type { Span, TracerProvider } from '@opentelemetry/api';
import { toErrorData } from '../../protocol/forge-error.ts';
import { requestContext } from '../request-context.ts';
import { isRefusal } from '../rpc/refusal.ts';
import type { Around, InterceptedCall, Next } from './interceptor.ts';

type Api = typeof import('@opentelemetry/api');

/** Where every copy of the API package finds what was registered. */
const registered = Symbol.for('opentelemetry.js.api.1');

/**
 * To be called when the modules of the services are loaded. Without an SDK the package is not even
 * loaded, and no interceptor of it stands round any call.
 */
export const findTracing = async (): Promise<void> => {
  const found = (globalThis as { readonly [registered]?: { readonly trace?: TracerProvider } })[
    registered
  ];
  spans = spansBy(found?.trace === undefined ? undefined : await import('@opentelemetry/api'));
};

type Side = 'client' | 'server';

/** The same as long as the SDK is. */
let spans: Readonly<Record<Side, readonly Around[]>> = { client: [], server: [] };

const spansBy = (found: Api | undefined): typeof spans => {
  if (found === undefined) return { client: [], server: [] };
  const round =
    (side: Side): Around =>
    (call, next) =>
      inSpan(found, side, { call, next });
  return { client: [round('client')], server: [round('server')] };
};

/** One span at each end of a call; the trace that the next hop gets is that of the span. */
export const tracing = (side: Side): readonly Around[] => spans[side];

type Round<C extends InterceptedCall> = {
  readonly call: C;
  readonly next: Next<C>;
};

const inSpan = async <C extends InterceptedCall>(
  { trace, context, SpanKind, SpanStatusCode }: Api,
  side: Side,
  { call, next }: Round<C>,
): Promise<unknown> => {
  const request = requestContext.getStore();
  const kinds = isPosted(call)
    ? { client: SpanKind.PRODUCER, server: SpanKind.CONSUMER }
    : { client: SpanKind.CLIENT, server: SpanKind.SERVER };
  const parent = spanContextOf(request?.traceparent ?? '');
  const around =
    parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent);
  const options = { kind: kinds[side], attributes: attributesOf(call) };
  const span = trace.getTracer('threadforge').startSpan(nameOf(call), options, around);
  const traceparent = traceparentOf(span);
  const run = (): unknown =>
    context.with(trace.setSpan(around, span), () => next({ ...call, traceparent }));
  try {
    return await (request === undefined
      ? run()
      : requestContext.run(request.with({ traceparent }), run));
  } catch (error) {
    const { code, message } = toErrorData(error);
    span.setAttribute('error.type', code);
    if (!isRefusal(error)) span.setStatus({ code: SpanStatusCode.ERROR, message });
    throw error;
  } finally {
    span.end();
  }
};

const isPosted = ({ kind }: InterceptedCall): boolean =>
  kind !== 'call' && kind !== 'route' && kind !== 'request';

const nameOf = ({ service, method, kind }: InterceptedCall): string =>
  method === '' ? `${service} ${kind}` : `${service}/${method}`;

/** By the names of OpenTelemetry for remote procedure calls. */
const attributesOf = ({ service, method, from, kind }: InterceptedCall) => ({
  'rpc.system': 'threadforge',
  'rpc.service': service,
  'rpc.method': method,
  'forge.from': from,
  'forge.kind': kind,
});

const spanContextOf = (traceparent: string) => {
  const [, traceId, spanId, flags] = traceparent.split('-');
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
};

const traceparentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
};
