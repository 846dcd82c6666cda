import type { Contract } from '../../protocol/contract.ts';
import { methodNotExposed, unavailable } from '../../protocol/errors.ts';
import type { MethodCount } from '../../protocol/metrics.ts';
import type { KeptCall } from '../../protocol/slow-calls.ts';
import type { Log } from '../context.ts';
import { Subscriptions } from '../events/subscriptions.ts';
import type { Bulkhead } from '../interceptors/bulkhead.ts';
import { compose, type Next } from '../interceptors/interceptor.ts';
import { ServerChain } from '../interceptors/server-chain.ts';
import { validation } from '../interceptors/validation.ts';
import type { Written } from '../interceptors/written.ts';
import type { MethodSchemas } from '../method-options.ts';
import { RequestContext, runInheriting, runIsolated, type Within } from '../request-context.ts';
import { type InboundCall, justNow, now, targetOf } from '../rpc/calls.ts';
import type { MethodCounter } from '../rpc/meters/method-meter.ts';
import { ServiceMeter } from '../rpc/meters/service-meter.ts';
import { isRefusal } from '../rpc/refusal.ts';
import { answeredBy, RefusedAnswers } from '../rpc/refused-answers.ts';
import { isStream } from '../rpc/streams/stream.ts';
import { isThenable } from '../rpc/thenable.ts';
import { traceIdOf } from '../rpc/trace.ts';
import type { Service } from '../service.ts';
import { noteFailure } from './note-failure.ts';
import { beginSlice, endSlice } from './slices.ts';
import { streamIn } from './stream-in.ts';

type Named = Pick<InboundCall, 'kind' | 'service' | 'method'>;
type Method = (...args: readonly unknown[]) => unknown;
type Inbound = Next<InboundCall>;
/** What answers a call, and who counts it. */
type Callable<C = InboundCall> = {
  readonly run: (call: C) => unknown;
  readonly counter: MethodCounter;
  readonly within: Within;
  /** Undefined where more than the bulkhead of the service stands round the method. */
  readonly direct?: Direct<C> | undefined;
};

/** Without a promise of the bulkhead's own: whoever closes the account leaves it. */
type Direct<C> = Pick<Callable<C>, 'run'> & { readonly bulkhead: Bulkhead };

/** An account that is open until there is an answer. */
type Account = {
  readonly context: RequestContext;
  readonly counter: MethodCounter;
  readonly sentAt: number;
  readonly takenAt: number;
  /** That it has a place in. */
  readonly bulkhead: Bulkhead | undefined;
};

type Outcome = KeptCall['outcome'];

const toKept = (
  { context, counter, sentAt, takenAt }: Account,
  { at, outcome }: { readonly at: number; readonly outcome: Outcome },
): KeptCall => ({
  ...counter.name,
  at,
  tookMs: at - sentAt,
  waitedMs: Math.max(0, takenAt - sentAt),
  from: context.from,
  traceId: traceIdOf(context.traceparent),
  outcome,
});

/** Of a call, what its account needs; of a raw route it is made of the HTTP request. */
export type Accounted = Omit<InboundCall, 'kind' | 'service' | 'method' | 'args'>;

export type HostedParts = {
  readonly name: string;
  readonly service: Service;
  readonly contract: Contract;
  readonly log: Log;
  readonly schemas?: ReadonlyMap<string, MethodSchemas>;
  readonly interceptors?: Written;
};

/** One service in this worker: what may be called of it, and how it fares. */
export class Hosted {
  readonly name: string;
  readonly service: Service;
  readonly meter: ServiceMeter;
  readonly contract: Contract;
  readonly subscriptions: Subscriptions;
  readonly interceptors: Written;
  readonly #schemas: ReadonlyMap<string, MethodSchemas>;
  readonly #chain: ServerChain;
  readonly #requests: Callable;
  readonly #refused: RefusedAnswers;
  /** Of what may be called, by method: only names of the contract come in here. */
  readonly #callable = {
    call: new Map<string, Callable>(),
    route: new Map<string, Callable>(),
  };
  /** Why `onStart` failed; such a service answers nothing. */
  failure: string | undefined;

  constructor({ name, service, contract, log, ...rest }: HostedParts) {
    this.name = name;
    this.service = service;
    this.contract = contract;
    this.meter = new ServiceMeter(name);
    this.interceptors = rest.interceptors ?? { server: [], client: [] };
    this.#schemas = rest.schemas ?? new Map();
    this.#refused = new RefusedAnswers(log);
    const { calls = {} } = contract;
    this.#chain = new ServerChain({ calls, written: this.interceptors.server, log });
    this.#requests = {
      counter: this.meter.methods.of('request', ''),
      within: runIsolated,
      run: compose(this.#chain.of(''), async ({ from, args }) => service.onRequest(from, args[0])),
    };
    this.subscriptions = this.#subscribe();
  }

  /** Runs a call in its context, on the account of this service. */
  handle(call: InboundCall): unknown {
    if (this.failure !== undefined) {
      throw unavailable(targetOf(call), 'no', this.failure);
    }
    return this.account(call, this.#find(call));
  }

  /**
   * Answers at once what is no promise: most of what a short call costs is its promises. It begins
   * when it is taken up, and what ends at once ends with its slice: the clock is not asked again.
   */
  account<C extends Accounted>(call: C, callable: Callable<C>): unknown {
    const { deadlineMs, takenAt, sentAt, from, traceparent, carried, cancellation } = call;
    const deadlineAt = deadlineMs > 0 ? takenAt + deadlineMs : Number.POSITIVE_INFINITY;
    const { name: service, meter } = this;
    const context = new RequestContext({
      service,
      from,
      traceparent,
      deadlineAt,
      meter,
      carried,
      cancellation,
    });
    const { counter, within, direct } = callable;
    const entered = direct?.bulkhead.enter() === true ? direct : undefined;
    const { run } = entered ?? callable;
    const account = { context, counter, sentAt, takenAt, bulkhead: entered?.bulkhead };
    meter.arrived(takenAt - sentAt);
    beginSlice(context, takenAt);
    let value: unknown;
    try {
      value = within(context, call, run);
    } catch (error) {
      endSlice();
      return this.#failed(account, error, justNow());
    }
    endSlice();
    return isThenable(value)
      ? this.#await(account, value)
      : this.#answered(account, value, justNow());
  }

  #await(account: Account, value: PromiseLike<unknown>): Promise<unknown> {
    return Promise.resolve(value).then(
      (settled) => this.#answered(account, settled, now()),
      (error) => this.#failed(account, error, now()),
    );
  }

  /** An answer of this service, or to it, is not given out. */
  readonly refuse = (call: Named, error: unknown, reason?: string): void => {
    const contract = call.service === this.name ? this.contract : undefined;
    this.#refused.note(answeredBy(call, contract), error, reason);
  };

  /** An answer of this service that was counted as one cannot be given to who asked for it. */
  readonly answerLost = (call: Named, error: unknown): void => {
    this.refuse(call, error);
    this.meter.answerLost(this.meter.methods.of(call.kind, call.method));
  };

  #answered(account: Account, value: unknown, at: number): unknown {
    this.#count(account, 'ok', at);
    if (!isStream(value)) return value;
    return streamIn(account.context, value, (error) => this.#streamFailed(account, error));
  }

  /** It was counted as answered when it began. */
  #streamFailed(account: Account, error: unknown): void {
    if (!isRefusal(error)) this.meter.answerLost(account.counter);
    this.#report(account, error);
  }

  #failed(account: Account, error: unknown, at: number): never {
    this.#count(account, isRefusal(error) ? 'refused' : 'failed', at);
    this.#report(account, error);
    throw error;
  }

  #count(account: Account, outcome: Outcome, at: number): void {
    const { context, counter, sentAt, takenAt, bulkhead } = account;
    bulkhead?.leave();
    const tookMs = at - sentAt;
    const spent = { waitedMs: takenAt - sentAt, held: context.held };
    this.meter.answered(tookMs, outcome === 'failed', spent);
    counter.answered(tookMs, outcome);
    if (tookMs > this.meter.slow.floorMs) this.meter.slow.keep(toKept(account, { at, outcome }));
  }

  #report({ context, counter }: Account, error: unknown): void {
    const { traceparent } = context;
    noteFailure({ service: this.name, method: counter.name.method, traceparent }, error);
  }

  /** Only what the contract names: never a constructor, a hook, or anything inherited. */
  #find({ kind, method }: InboundCall): Callable {
    switch (kind) {
      case 'call':
      case 'route':
        return this.#callable[kind].get(method) ?? this.#named(kind, method);
      case 'request':
        return this.#requests;
      case 'message':
        return this.#posted(kind, '', async ({ from, args }) =>
          this.service.onMessage(from, args[0]),
        );
      case 'event':
      case 'broadcast':
        return this.#posted(kind, method, this.#handling(method, kind === 'broadcast'));
    }
  }

  #named(kind: 'call' | 'route', method: string): Callable {
    const { expose, routes } = this.contract;
    const isAllowed =
      kind === 'call' ? expose.includes(method) : routes.some(({ handler }) => handler === method);
    if (!isAllowed) throw methodNotExposed(`${this.name}.${method}`, expose);
    const around = this.#chain.of(method);
    const own = this.#own(method);
    const bulkhead = this.#chain.alone(around);
    const callable = {
      run: compose(around, own),
      counter: this.meter.methods.of(kind, method),
      within: kind === 'route' ? runInheriting : runIsolated,
      direct: bulkhead === undefined ? undefined : { bulkhead, run: own },
    };
    this.#callable[kind].set(method, callable);
    return callable;
  }

  #posted(kind: MethodCount['kind'], method: string, last: Inbound): Callable {
    const counter = this.meter.methods.of(kind, method);
    return { run: compose(this.#chain.ofPosts, last), counter, within: runIsolated };
  }

  /** A method between its contract's input and output; what it answered is published after that. */
  #own(name: string): Inbound {
    const methods = this.service as unknown as Readonly<Record<string, Method | undefined>>;
    const schemas = this.#schemas.get(name);
    const method: Inbound = ({ args }) => methods[name]?.call(this.service, ...args);
    const checked =
      schemas === undefined ? method : compose([validation(schemas, this.refuse)], method);
    const event = Object.hasOwn(this.contract.emits, name) ? this.contract.emits[name] : undefined;
    if (event === undefined) return checked;
    return async (call) => {
      const value = await checked(call);
      this.service.emit(event, value);
      return value;
    };
  }

  #subscribe(): Subscriptions {
    const subscriptions = new Subscriptions(this.name);
    const { on, everywhere = {} } = this.contract;
    for (const [table, workers] of [
      [on, 'one'],
      [everywhere, 'all'],
    ] as const) {
      for (const [pattern, method] of Object.entries(table)) {
        subscriptions.add(pattern, this.#own(method), { workers, method });
      }
    }
    return subscriptions;
  }

  /** Every handler runs, also when another one fails. */
  #handling(event: string, everywhere: boolean): Inbound {
    const handlers = this.subscriptions.handlersOf(event, everywhere);
    if (handlers.length === 0) {
      throw methodNotExposed(`${this.name}.${event}`, this.contract.expose);
    }
    const [only, ...others] = handlers;
    if (only !== undefined && others.length === 0) return async (call) => only(call);
    return async (call) => {
      const outcomes = await Promise.allSettled(handlers.map(async (handle) => handle(call)));
      const failed = outcomes.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    };
  }
}
