import { tooManyHops } from '../../protocol/call-errors.ts';
import { unavailable } from '../../protocol/errors.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import type { CallHeaders } from '../../protocol/rpc/call-headers.ts';
import { type Carried, isBare, mostHops } from '../../protocol/rpc/carried.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import type { CallOptions } from '../call-options.ts';
import { Losses } from '../events/losses.ts';
import { type Delivery, deliveriesOf, everyWorker, Publisher } from '../events/publisher.ts';
import { ClientChain } from '../interceptors/client-chain.ts';
import { requestContext } from '../request-context.ts';
import { canaryOf } from '../rpc/balance/canary.ts';
import { abortable } from '../rpc/calling/abortable.ts';
import { Caller, type CallerOptions } from '../rpc/calling/caller.ts';
import { Tries } from '../rpc/calling/tries.ts';
import { now, type OutboundCall, targetOf } from '../rpc/calls.ts';
import { copyOf } from '../rpc/copy/copy.ts';
import { isStream } from '../rpc/streams/stream.ts';
import { newTraceparent } from '../rpc/trace.ts';
import type { Bus } from '../service.ts';
import { checkAddressee, hearers, isRemote } from './addressee.ts';
import type { Hosted } from './hosted.ts';
import { LocalCalls } from './local-calls.ts';
import { proxyOf } from './proxy.ts';
import { type Target, Way } from './way.ts';
import { timeoutOf, withHeaders } from './wish.ts';

export type SwitchboardOptions = Pick<
  CallerOptions,
  'requestTimeoutMs' | 'own' | 'dial' | 'introduce'
> & {
  readonly workerId: string;
  readonly hosted: ReadonlyMap<string, Hosted>;
};

type Args = OutboundCall['args'];
/** One of several workers that are asked at once, and what the caller wants. */
type Wish = CallOptions & { readonly workerId?: string };

const noWish: Wish = {};

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
      // Who answered does not know: it is said here, in the log of who asked.
      refused: (call, error) => hosted.get(call.from)?.refuse(call, error),
      ...link,
      tries: new Tries({ mostWaiting: 10_000 }),
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
    return this.#deliver(call, now());
  }

  close(): void {
    this.#caller.close();
    this.#local.close();
    this.#losses.close();
  }

  proxy(from: Hosted, service: string): object {
    const ways = new Map<string, Way>();
    return proxyOf((method) => {
      const way = ways.get(method) ?? this.#wayOf(from, { kind: 'call', service, method });
      ways.set(method, way);
      return (args, options) => this.#call(way, args, options);
    });
  }

  busOf(from: Hosted, connects: readonly string[]): Bus {
    const sender = () => ({ name: from.name, connects, remotes: this.#caller.table.remotes });
    const message = (service: string, payload: unknown): void =>
      this.#post(from, { kind: 'message', service, method: '' }, payload);
    return {
      send: (service, payload) => {
        checkAddressee(service, sender());
        message(service, payload);
      },
      request: async (service, payload) => {
        checkAddressee(service, sender());
        const way = this.#wayOf(from, { kind: 'request', service, method: '' });
        return this.#call(way, [payload], noWish);
      },
      broadcast: (payload) => {
        for (const service of hearers(sender())) message(service, payload);
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
    const way = this.#wayOf(from, delivery).by(this.#caller.table);
    const { workerId } = delivery;
    const wish = workerId === undefined ? noWish : { workerId };
    const outbound = this.#outbound(way, { args: [payload], wish, at: now() });
    this.#publisher.post(delivery, {
      args: outbound.args,
      copy: (args) => args.map(copyOf),
      send: (args) => this.#send(way, { ...outbound, args }, now()),
      done: (outcome, error) => {
        from.meter.events.posted(method, service, outcome);
        if (outcome === 'delivered') return;
        const what = method === '' ? kind : `${kind} ${method}`;
        const why = outcome === 'dropped' ? `${service} does not keep up` : String(error);
        this.#losses.lost(`${from.name}: ${what} to ${service} ${outcome}`, why);
      },
    });
  }

  #wayOf(from: Hosted, { kind, service, method }: Target): Way {
    return new Way({
      from,
      target: { kind, service, method },
      chain: this.#chain,
      deliver: (call) => this.#deliver(call, now()),
    });
  }

  #call(way: Way, args: Args, options: CallOptions): Promise<unknown> {
    return options.workers === 'all'
      ? this.#callAll(way, args, options)
      : this.#callOne(way, args, options);
  }

  /** Each worker answers for itself: that one fails says nothing of the others. */
  async #callAll(way: Way, args: Args, options: CallOptions): Promise<unknown> {
    const { service } = way.target;
    const target = targetOf(way.target);
    if (args.some(isStream)) {
      throw new TypeError(`${target}: a stream is read once, and cannot go to every worker`);
    }
    const { services, remotes } = this.#caller.table;
    if (isRemote(service, { remotes })) {
      throw new TypeError(`${target}: a remote service is asked as one, not worker by worker`);
    }
    const workers = everyWorker(services[service]?.endpoints ?? []);
    if (workers.length === 0) throw unavailable(target, 'no', 'no worker of it is ready');
    const outcomes = await Promise.allSettled(
      workers.map(({ workerId }) => this.#callOne(way, args, { ...options, workerId })),
    );
    return workers.map(({ workerId: worker }, index) => ({ worker, ...outcomes[index] }));
  }

  #callOne(usual: Way, args: Args, wish: Wish): Promise<unknown> {
    const known = usual.by(this.#caller.table);
    const way = known.isTried ? this.#tried(known, wish) : known;
    const at = now();
    const outbound = this.#outbound(way, { args, wish, at });
    return wish.signal === undefined
      ? this.#send(way, outbound, at)
      : abortable(wish.signal, outbound, (it) => this.#send(way, it, at));
  }

  /** To the version that is on trial, when it is its turn. */
  #tried(way: Way, { key, workerId }: Wish): Way {
    const { table } = this.#caller;
    const service = canaryOf(table.services, { ...way.target, key, workerId });
    if (service === way.target.service) return way;
    return this.#wayOf(way.from, { ...way.target, service }).by(table);
  }

  /** Deadline, trace, cancellation and what is carried of the request that is being handled go along. */
  #outbound(way: Way, { args, wish, at }: { args: Args; wish: Wish; at: number }): OutboundCall {
    const { kind, service, method } = way.target;
    const context = requestContext.getStore();
    const asked = way.isAwaited ? context : undefined;
    const left = asked === undefined ? this.#timeoutMs : asked.deadlineAt - at;
    return {
      kind,
      service,
      method,
      args,
      workerId: wish.workerId,
      from: way.from.name,
      deadlineMs: Math.max(1, Math.min(left, timeoutOf(wish, this.#timeoutMs))),
      traceparent: context?.traceparent ?? newTraceparent(),
      carried: nextHop(context?.carried, wish.headers),
      idempotent: way.idempotent,
      retries: wish.retries,
      key: wish.key,
      cancellation: asked?.cancellation,
      meter: way.meter,
    };
  }

  /** Through what stands round the calls of this service. */
  #send({ around }: Way, call: OutboundCall, at: number): Promise<unknown> {
    const { carried = firstHop } = call;
    if (carried.hops > mostHops) return Promise.reject(tooManyHops(targetOf(call)));
    return around === undefined ? this.#deliver(call, at) : (async () => around(call))();
  }

  #deliver(call: OutboundCall, at: number): Promise<unknown> {
    const isHere = call.workerId === undefined || call.workerId === this.#workerId;
    const local = isHere ? this.#hosted.get(call.service) : undefined;
    if (local === undefined || this.#isBusy(local, call)) return this.#caller.call(call, at);
    return this.#local.call(local, call, at);
  }

  /** What is in the same worker comes first, unless it has more than twice of what the others have. */
  #isBusy({ name, meter: { inFlight } }: Hosted, { kind }: OutboundCall): boolean {
    if (kind !== 'call' || inFlight < fewUnderWay) return false;
    const elsewhere = this.#caller.pendingAt(name);
    return elsewhere !== undefined && inFlight > 2 * elsewhere;
  }
}

/** Of most requests nothing is carried but how far they have come. */
const hopsOnly: readonly Carried[] = Array.from({ length: mostHops + 2 }, (_, hops) => ({ hops }));
const firstHop: Carried = { hops: 1 };

/** Headers are of one call: those that came are not handed on. */
const nextHop = (before: Carried | undefined, given: CallHeaders | undefined): Carried =>
  withHeaders(before === undefined ? firstHop : passedOn(before), given);

const passedOn = (before: Carried): Carried => {
  const hops = before.hops + 1;
  if (isBare(before)) return hopsOnly[hops] ?? { hops };
  const { headers: _, ...others } = before;
  return { ...others, hops };
};
