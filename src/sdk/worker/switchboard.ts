import { contextInvalid, tooManyHops } from '../../protocol/call-errors.ts';
import { unavailable } from '../../protocol/errors.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import {
  type CallHeaders,
  headersProblem,
  toCallHeaders,
} from '../../protocol/rpc/call-headers.ts';
import { type Carried, mostHops } from '../../protocol/rpc/carried.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { parseDuration } from '../../protocol/units.ts';
import type { CallOptions } from '../call-options.ts';
import { Losses } from '../events/losses.ts';
import { type Delivery, deliveriesOf, everyWorker, Publisher } from '../events/publisher.ts';
import { ClientChain } from '../interceptors/client-chain.ts';
import { compose } from '../interceptors/interceptor.ts';
import { requestContext } from '../request-context.ts';
import { abortable } from '../rpc/abortable.ts';
import { canaryOf } from '../rpc/balance/canary.ts';
import { Caller, type CallerOptions } from '../rpc/caller.ts';
import { isAwaited, now, type OutboundCall } from '../rpc/calls.ts';
import { copyOf } from '../rpc/copy.ts';
import { isStream } from '../rpc/streams/stream.ts';
import { newTraceparent } from '../rpc/trace.ts';
import { Tries } from '../rpc/tries.ts';
import type { Bus } from '../service.ts';
import type { Hosted } from './hosted.ts';
import { LocalCalls } from './local-calls.ts';
import { proxyOf } from './proxy.ts';

export type SwitchboardOptions = Pick<
  CallerOptions,
  'requestTimeoutMs' | 'own' | 'dial' | 'introduce'
> & {
  readonly workerId: string;
  readonly hosted: ReadonlyMap<string, Hosted>;
};

type Asked = Pick<OutboundCall, 'kind' | 'service' | 'method' | 'args' | 'workerId'>;

/** So many under way are no reason to go elsewhere. */
const fewUnderWay = 8;

/** Sends a service's calls to a colleague in this process or over a link, with the same semantics. */
export class Switchboard {
  readonly #workerId: string;
  readonly #hosted: ReadonlyMap<string, Hosted>;
  readonly #caller: Caller;
  readonly #local = new LocalCalls();
  readonly #timeoutMs: number;
  readonly #chain = new ClientChain();
  readonly #publisher = new Publisher();
  readonly #losses = new Losses();

  constructor({ workerId, hosted, requestTimeoutMs, ...link }: SwitchboardOptions) {
    this.#workerId = workerId;
    this.#hosted = hosted;
    this.#timeoutMs = requestTimeoutMs;
    this.#caller = new Caller({
      requestTimeoutMs,
      maxPending: 1_000,
      ...link,
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

  /** Of a sample: how the breakers are, where there are any. */
  sampled(): Pick<WorkerSample, 'breakers'> {
    const { services } = this.#caller.table;
    const breakers = this.#chain.breakers((service) => services[service]?.contract.calls);
    return Object.keys(breakers).length === 0 ? {} : { breakers };
  }

  /** As a service would call, from outside of all of them. */
  call(call: OutboundCall): Promise<unknown> {
    return this.#deliver(call);
  }

  close(): void {
    this.#caller.close();
    this.#local.close();
  }

  proxy(from: Hosted, service: string): object {
    return proxyOf((method, args, options) =>
      this.#call(from, { kind: 'call', service, method, args }, options),
    );
  }

  busOf(from: Hosted, connects: readonly string[]): Bus {
    const message = (service: string, payload: unknown): void =>
      this.#post(from, { kind: 'message', service, method: '' }, payload);
    return {
      send: message,
      request: (service, payload) =>
        this.#call(from, { kind: 'request', service, method: '', args: [payload] }),
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
    const outbound = this.#outbound(from, { ...delivery, args: [payload] });
    const lost = (error: unknown): void =>
      this.#losses.lost(`${from.name}: ${kind} ${method} to ${service}`, `failed: ${error}`);
    this.#publisher.post(delivery, {
      args: outbound.args,
      copy: (args) => args.map(copyOf),
      send: (args) => this.#send(from, { ...outbound, args }),
      done: (outcome, error) => {
        from.meter.events.posted(method, service, outcome);
        if (outcome === 'failed') lost(error);
        if (outcome === 'dropped') lost(`${service} does not keep up`);
      },
    });
  }

  #call(from: Hosted, call: Asked, options: CallOptions = {}): Promise<unknown> {
    return options.workers === 'all'
      ? this.#callAll(from, call, options)
      : this.#callOne(from, call, options);
  }

  /** Each worker answers for itself: that one fails says nothing of the others. */
  async #callAll(from: Hosted, call: Asked, options: CallOptions): Promise<unknown> {
    const target = `${call.service}.${call.method}`;
    if (call.args.some(isStream)) {
      throw new TypeError(`${target}: a stream is read once, and cannot go to every worker`);
    }
    const workers = everyWorker(this.#caller.table.services[call.service]?.endpoints ?? []);
    if (workers.length === 0) throw unavailable(target, 'no', 'no worker of it is ready');
    const outcomes = await Promise.allSettled(
      workers.map(({ workerId }) => this.#callOne(from, { ...call, workerId }, options)),
    );
    return workers.map(({ workerId: worker }, index) => ({ worker, ...outcomes[index] }));
  }

  #callOne(from: Hosted, asked: Asked, options: CallOptions): Promise<unknown> {
    const { services } = this.#caller.table;
    const { key } = options;
    const isTried = services[asked.service]?.canary !== undefined;
    const call = isTried ? { ...asked, service: canaryOf(services, { ...asked, key }) } : asked;
    const outbound = this.#outbound(from, call, options);
    return options.signal === undefined
      ? this.#send(from, outbound)
      : abortable(options.signal, outbound, (it) => this.#send(from, it));
  }

  /** Deadline, trace, cancellation and what is carried of the request that is being handled go along. */
  #outbound(from: Hosted, call: Asked, options: CallOptions = {}): OutboundCall {
    const { kind, service, method, args } = call;
    const context = requestContext.getStore();
    const awaits = isAwaited(kind);
    const asked = awaits ? context : undefined;
    const left = asked === undefined ? this.#timeoutMs : asked.deadlineAt - now();
    return {
      kind,
      service,
      method,
      args,
      workerId: call.workerId,
      from: from.name,
      deadlineMs: Math.max(1, Math.min(left, this.#timeoutOf(options))),
      traceparent: context?.traceparent ?? newTraceparent(),
      carried: nextHop(context?.carried, options.headers),
      idempotent: this.#mayRunTwice(call),
      retries: options.retries,
      key: options.key,
      cancellation: asked?.cancellation,
      meter: awaits ? from.meter.awaiting(service) : from.meter.posting(service),
    };
  }

  #timeoutOf({ timeout }: CallOptions): number {
    if (timeout === undefined) return this.#timeoutMs;
    const asked = parseDuration(timeout);
    if (asked === undefined) throw new TypeError(`${timeout} is no timeout: write 500 or '2s'`);
    return asked;
  }

  /** Through what stands round the calls of this service. */
  #send(from: Hosted, call: OutboundCall): Promise<unknown> {
    const { service, method, carried = firstHop } = call;
    if (carried.hops > mostHops) return Promise.reject(tooManyHops(`${service}.${method}`));
    const calls = this.#caller.table.services[service]?.contract.calls;
    const around = this.#chain.of(call, { calls, written: from.interceptors.client });
    if (around.length === 0) return this.#deliver(call);
    const chain = compose(around, (outbound: OutboundCall) => this.#deliver(outbound));
    return (async () => chain(call))();
  }

  #mayRunTwice({ kind, service, method }: Asked): boolean {
    const idempotent = this.#caller.table.services[service]?.contract.idempotent ?? [];
    return kind === 'call' && idempotent.includes(method);
  }

  #deliver(call: OutboundCall): Promise<unknown> {
    const isHere = call.workerId === undefined || call.workerId === this.#workerId;
    const local = isHere ? this.#hosted.get(call.service) : undefined;
    if (local === undefined || this.#isBusy(local, call)) return this.#caller.call(call);
    return this.#local.call(local, call);
  }

  /** What is in the same worker comes first, unless it has more than twice of what the others have. */
  #isBusy({ name, meter: { inFlight } }: Hosted, { kind }: OutboundCall): boolean {
    if (kind !== 'call' || inFlight < fewUnderWay) return false;
    const elsewhere = this.#caller.pendingAt(name);
    return elsewhere !== undefined && inFlight > 2 * elsewhere;
  }
}

const firstHop: Carried = { hops: 1 };

/** Headers are of one call: those that came are not handed on. */
const nextHop = (before: Carried | undefined, given: CallHeaders | undefined): Carried => {
  const next = before === undefined ? firstHop : { ...passedOn(before), hops: before.hops + 1 };
  if (given === undefined) return next;
  const headers = toCallHeaders(given);
  const problem = headersProblem(headers);
  if (problem !== undefined) throw contextInvalid(problem);
  return { ...next, headers };
};

const passedOn = (before: Carried): Carried => {
  if (before.headers === undefined) return before;
  const { headers: _, ...others } = before;
  return others;
};
