import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Carried } from '../../protocol/rpc/carried.ts';
import { newTraceparent, parseTraceparent, parseTracestate } from '../rpc/trace.ts';
import { isHttp2 } from './exchange.ts';
import { passedIn } from './headers.ts';
import { hostOf, Proxies } from './proxies.ts';

type Origin = { readonly traceparent: string; readonly carried: Carried };

const firstHop: Carried = { hops: 0 };

/** What is believed of a request from outside: of its trace and its way only what a proxy of ours says. */
export class Arrivals {
  readonly #proxies: Proxies;

  constructor(trustedProxies: readonly string[]) {
    this.#proxies = new Proxies(trustedProxies);
  }

  /** What a worker is told of a request: nothing that is not so. */
  headersFor(request: IncomingMessage): OutgoingHttpHeaders {
    const { tracestate: _said, ...headers } = passedIn(request.headers);
    const { traceparent, carried } = this.originOf(request);
    const { tracestate } = carried;
    return {
      ...headers,
      ...(isHttp2(request) ? { host: hostOf(request) } : {}),
      ...this.#proxies.forwarded(request),
      traceparent,
      ...(tracestate === undefined ? {} : { tracestate }),
    };
  }

  /** For a handler in this process, which sees of the request what one behind the ingress sees. */
  rewrite(request: IncomingMessage, more: IncomingHttpHeaders = {}): void {
    // Names and values are those of a request, and ours are texts.
    const value = { ...(this.headersFor(request) as IncomingHttpHeaders), ...more };
    // Assigned to a request of HTTP/2 they would be refused.
    Object.defineProperty(request, 'headers', { value, writable: true, configurable: true });
  }

  originOf(request: IncomingMessage): Origin {
    const trusted = this.#trustedTrace(request);
    if (trusted === undefined) return { traceparent: newTraceparent(), carried: firstHop };
    const tracestate = parseTracestate(request.headers['tracestate']);
    const carried = tracestate === undefined ? firstHop : { ...firstHop, tracestate };
    return { traceparent: trusted, carried };
  }

  /** Of what comes from outside only a trace that a proxy of ours began becomes context. */
  #trustedTrace(request: IncomingMessage): string | undefined {
    return this.#proxies.trusts(request)
      ? parseTraceparent(request.headers['traceparent'])
      : undefined;
  }
}
