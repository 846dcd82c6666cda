import findMyWay from 'find-my-way';
import type { HttpMethod } from '../../protocol/contract.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import { statusOf, successStatus } from '../../protocol/http-status.ts';
import type { Luggage } from '../context.ts';
import type { OutboundCall } from '../rpc/calls.ts';
import { newTraceparent } from '../rpc/trace.ts';
import type { Hosted } from '../worker/hosted.ts';

export type Answer = { readonly status: number; readonly body: unknown };
export type Asked = Pick<OutboundCall, 'kind' | 'service' | 'method' | 'args'>;
export type Ask = (asked: Asked, luggage?: Luggage) => Promise<unknown>;

/** A call as the ingress would make it: the first of its request. */
export const fromOutside = (asked: Asked, luggage: Luggage, deadlineMs: number): OutboundCall => ({
  ...asked,
  from: 'test',
  deadlineMs,
  traceparent: newTraceparent(),
  carried: { ...luggage, hops: 0 },
});

/** Whatever method is asked for is called; `then` stays away, or awaiting a client would call it. */
export const clientOf = (ask: Ask, service: string, luggage?: Luggage): object =>
  new Proxy(Object.create(null) as object, {
    get: (_target, method) =>
      typeof method === 'string' && method !== 'then'
        ? (...args: readonly unknown[]) => ask({ kind: 'call', service, method, args }, luggage)
        : undefined,
  });

type Request = { readonly method: HttpMethod; readonly url: string; readonly body: unknown };

/** Finds the route as the ingress does, and answers as it does. */
export const askRoute = async (
  services: Iterable<Hosted>,
  ask: Ask,
  { method, url, body }: Request,
): Promise<Answer> => {
  const router = findMyWay();
  for (const { name, contract } of services) {
    for (const route of contract.routes) {
      router.on(route.method, route.path, () => undefined, { name, handler: route.handler });
    }
  }
  const found = router.find(method, url);
  if (found === null) return { status: 404, body: { error: { code: 'NOT_FOUND' } } };
  const { name, handler } = found.store as { readonly name: string; readonly handler: string };
  const args = [body, { ...found.params }, { ...found.searchParams }];
  try {
    const value = await ask({ kind: 'route', service: name, method: handler, args });
    return { status: successStatus(method, value), body: value };
  } catch (error) {
    const { code, message } = toErrorData(error);
    return { status: statusOf(error), body: { error: { code, message } } };
  }
};
