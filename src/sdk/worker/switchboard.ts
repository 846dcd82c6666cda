import { tooManyHops } from '../../protocol/call-errors.ts';
import { deadlineExceeded } from '../../protocol/errors.ts';
import { type Carried, mostHops } from '../../protocol/rpc/carried.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { Losses } from '../events/losses.ts';
import { type Delivery, deliveriesOf, Publisher } from '../events/publisher.ts';
import { ClientChain } from '../interceptors/client-chain.ts';
import { compose } from '../interceptors/interceptor.ts';
import { requestContext } from '../request-context.ts';
import { Caller } from '../rpc/caller.ts';
import { isAwaited, now, type OutboundCall } from '../rpc/calls.ts';
import { Cancellation } from '../rpc/cancellation.ts';
import {
  packCall,
  packError,
  packValue,
  unpackCall,
  unpackError,
  unpackValue,
} from '../rpc/payload.ts';
import { newTraceparent } from '../rpc/trace.ts';
import { Tries } from '../rpc/tries.ts';
import type { Bus } from '../service.ts';
import type { Hosted } from './hosted.ts';

export type SwitchboardOptions = {
  readonly workerId: string;
  readonly hosted: ReadonlyMap<string, Hosted>;
  readonly requestTimeoutMs: number;
};

/** Sends a service's calls to a colleague in this process or over a link, with the same semantics. */
export class Switchboard {
  readonly #options: SwitchboardOptions;
  readonly #caller: Caller;
  readonly #chain = new ClientChain();
  readonly #publisher = new Publisher();
  readonly #losses = new Losses();

  constructor(options: SwitchboardOptions) {
    this.#options = options;
    this.#caller = new Caller({
      requestTimeoutMs: options.requestTimeoutMs,
      maxPending: 1_000,
      tries: new Tries({ patienceMs: 2_000, mostWaiting: 10_000 }),
    });
  }

  update(table: RoutingTable): void {
    this.#caller.update(table);
  }

  /** Nothing that was emitted or sent is still on its way. */
  get isIdle(): boolean {
    return this.#publisher.isIdle;
  }

  /** As a service would call, from outside of all of them. */
  call(call: OutboundCall): Promise<unknown> {
    return this.#deliver(call);
  }

  close(): void {
    this.#caller.close();
  }

  /** Plain methods: `this.users.getUser(id)`. `then` stays away, or awaiting a proxy would call it. */
  proxy(from: Hosted, service: string): object {
    const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
    return new Proxy(Object.create(null) as object, {
      get: (_target, name) => {
        if (typeof name !== 'string' || name === 'then') return undefined;
        const known = methods.get(name);
        if (known !== undefined) return known;
        const method = (...args: unknown[]): Promise<unknown> =>
          this.#call(from, { kind: 'call', service, method: name, args, from: from.name });
        methods.set(name, method);
        return method;
      },
    });
  }

  busOf(from: Hosted, connects: readonly string[]): Bus {
    const message = (service: string, payload: unknown): void =>
      this.#post(from, { kind: 'message', service, method: '' }, payload);
    return {
      send: message,
      request: (service, payload) =>
        this.#call(from, {
          kind: 'request',
          service,
          method: '',
          args: [payload],
          from: from.name,
        }),
      broadcast: (payload) => {
        for (const service of connects) message(service, payload);
      },
      emit: (event, payload) => {
        from.meter.events.emitted(event);
        for (const delivery of deliveriesOf(this.#caller.table, event)) {
          this.#post(from, delivery, payload);
        }
      },
    };
  }

  /** Nobody waits for it: what becomes of it is counted, and the log hears of what was lost. */
  #post(from: Hosted, delivery: Delivery, payload: unknown): void {
    const { kind, service, method } = delivery;
    const outbound = this.#outbound({ ...delivery, args: [payload], from: from.name });
    const lost = (error: unknown): void =>
      this.#losses.lost(`${from.name}: ${kind} ${method} to ${service}`, `failed: ${error}`);
    this.#publisher.post(delivery, {
      args: outbound.args,
      copy: (args) => unpackValue(packValue(args)) as readonly unknown[],
      send: (args) => this.#send(from, { ...outbound, args }),
      done: (outcome, error) => {
        from.meter.events.posted(method, service, outcome);
        if (outcome === 'failed') lost(error);
        if (outcome === 'dropped') lost(`${service} does not keep up`);
      },
    });
  }

  #call(from: Hosted, call: OutboundCall): Promise<unknown> {
    return this.#send(from, this.#outbound(call));
  }

  /** Deadline, trace and cancellation of the request that is being handled go along. */
  #outbound(call: OutboundCall): OutboundCall {
    const context = requestContext.getStore();
    const asked = isAwaited(call.kind) ? context : undefined;
    const left = asked?.deadlineAt ?? Number.POSITIVE_INFINITY;
    const { kind, service, method, args, from, workerId } = call;
    return {
      kind,
      service,
      method,
      args,
      from,
      ...(workerId === undefined ? {} : { workerId }),
      deadlineMs: Math.max(1, Math.min(left - now(), this.#options.requestTimeoutMs)),
      traceparent: context?.traceparent ?? newTraceparent(),
      carried: nextHop(context?.carried),
      idempotent: this.#mayRunTwice(call),
      ...(asked === undefined ? {} : { cancellation: asked.cancellation }),
    };
  }

  #send(from: Hosted, call: OutboundCall): Promise<unknown> {
    const { service, method, carried = firstHop } = call;
    if (carried.hops > mostHops) return Promise.reject(tooManyHops(`${service}.${method}`));
    const calls = this.#caller.table.services[service]?.contract.calls;
    const around = this.#chain.of(call, { calls, written: from.interceptors.client });
    if (around.length === 0) return this.#metered(from, call);
    const chain = compose(around, (outbound: OutboundCall) => this.#metered(from, outbound));
    return (async () => chain(call))();
  }

  #metered(from: Hosted, call: OutboundCall): Promise<unknown> {
    return isAwaited(call.kind)
      ? from.meter.awaiting(call.service, (onReply) => this.#deliver({ ...call, onReply }))
      : from.meter.posting(call.service, () => this.#deliver(call));
  }

  #mayRunTwice({ kind, service, method }: OutboundCall): boolean {
    const idempotent = this.#caller.table.services[service]?.contract.idempotent ?? [];
    return kind === 'call' && idempotent.includes(method);
  }

  #deliver(call: OutboundCall): Promise<unknown> {
    const { workerId } = this.#options;
    const isHere = call.workerId === undefined || call.workerId === workerId;
    const local = isHere ? this.#options.hosted.get(call.service) : undefined;
    if (local === undefined) return this.#caller.call(call);
    return callLocal(local, call);
  }
}

const firstHop: Carried = { hops: 1 };

const nextHop = (carried: Carried | undefined): Carried =>
  carried === undefined ? firstHop : { ...carried, hops: carried.hops + 1 };

/**
 * As over a link: copies go in and out, made by the same codec, an error loses its prototype, and
 * the deadline holds. So nothing changes for a service when its company does.
 */
const callLocal = async (callee: Hosted, call: OutboundCall): Promise<unknown> => {
  const deadlineMs = call.deadlineMs ?? 0;
  const inbound = {
    ...unpackCall(packCall(call)),
    sentAt: now(),
    deadlineMs,
    traceparent: call.traceparent ?? '',
    cancellation: call.cancellation ?? new Cancellation(),
  };
  const late = Promise.withResolvers<never>();
  const target = `${call.service}.${call.method}`;
  const timer = setTimeout(() => late.reject(deadlineExceeded(target, deadlineMs)), deadlineMs);
  try {
    return unpackValue(packValue(await Promise.race([callee.handle(inbound), late.promise])));
  } catch (error) {
    throw unpackError(packError(error));
  } finally {
    clearTimeout(timer);
  }
};
