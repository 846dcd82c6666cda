import { setImmediate } from 'node:timers/promises';
import type { CallInput, CallPolicy } from '../../protocol/call-policy.ts';
import type { HttpMethod } from '../../protocol/contract.ts';
import { contractInvalid, listed } from '../../protocol/errors.ts';
import { parseCallPolicy } from '../../protocol/parse-call-policy.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import type { Luggage } from '../context.ts';
import type { ServiceClass } from '../contract.ts';
import type { OutboundCall } from '../rpc/calls.ts';
import type { Bus, Client, Service } from '../service.ts';
import { host } from '../worker/host.ts';
import type { Hosted } from '../worker/hosted.ts';
import { Switchboard } from '../worker/switchboard.ts';
import { clientOf } from './client.ts';
import { fakeService } from './fake.ts';
import { checkAsked, type Fault, Faults } from './faults.ts';
import { type Answer, FrontUnderTest, type HttpOptions } from './front.ts';

/** A class with what the config would say of it; alone it connects to all the others. */
export type TestService = {
  readonly service: ServiceClass;
  readonly connects?: readonly string[];
  readonly calls?: Readonly<Record<string, CallInput>>;
};

/** A class, or a plain object whose functions stand in for the methods of a service. */
export type TestServices = Readonly<Record<string, ServiceClass | TestService | object>>;

export type AppOptions = { readonly requestTimeoutMs?: number };

export type Emitted = { readonly from: string; readonly event: string; readonly payload: unknown };

/** What comes with a request, if anything does. */
type Sent = readonly [body?: unknown, options?: HttpOptions];

const workerId = 'test#1';
const ignore = (): void => undefined;
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
/** Raw routes need a socket: they are for tests of the running app. */
const noRouter = {
  get: ignore,
  post: ignore,
  put: ignore,
  patch: ignore,
  delete: ignore,
  upgrade: ignore,
};

/**
 * An app in this process: contracts, context, interceptors, events and copies of arguments as in
 * reality, without a supervisor and sockets.
 */
export class AppUnderTest implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #hosted = new Map<string, Hosted>();
  readonly #switchboard: Switchboard;
  readonly #leaving = new AbortController();
  readonly #faults = new Faults();
  readonly #front: FrontUnderTest;
  readonly #emitted: Emitted[] = [];

  constructor({ requestTimeoutMs = 30_000 }: AppOptions) {
    this.#timeoutMs = requestTimeoutMs;
    const own = here.rpcPath;
    this.#switchboard = new Switchboard({ workerId, hosted: this.#hosted, requestTimeoutMs, own });
    this.#front = new FrontUnderTest((call) =>
      this.#send({ ...call, deadlineMs: requestTimeoutMs }),
    );
  }

  async start(services: TestServices): Promise<void> {
    const names = Object.keys(services);
    for (const [name, given] of Object.entries(services)) {
      const { service: type, connects, calls = {} } = toTestService(given);
      const lodging = { name, type, calls: policiesOf(name, calls) };
      await this.#host({ ...lodging, connects: connects ?? names.filter((one) => one !== name) });
    }
    this.#front.serve(this.#hosted.values());
    this.#route();
    for (const { service } of this.#hosted.values()) await service.onStart(service.ctx);
    for (const { service } of this.#hosted.values()) {
      await service.onReady?.();
      await service.onScale?.(1);
    }
    // With what `onStart` subscribed to.
    this.#route();
  }

  /** The methods of a service, as another service calls them, on whose behalf it is said. */
  as<S extends Service>(name: string, luggage: Luggage = {}): Client<S> {
    const { name: service } = this.#hostedAs(name);
    const timeoutMs = this.#timeoutMs;
    // Its methods come from the class; which of them may be called the contract says.
    return clientOf({ service, luggage, workerId, timeoutMs, send: this.#send }) as Client<S>;
  }

  /** What the HTTP front would answer on a contract route. */
  http(method: HttpMethod, url: string, ...[body, options]: Sent): Promise<Answer> {
    return this.#front.answer({ ...options, method, url, body });
  }

  /** The instance itself. */
  service<S extends Service>(name: string): S {
    return this.#hostedAs(name).service as S;
  }

  /** What was emitted, in order. */
  get emitted(): readonly Emitted[] {
    return this.#emitted;
  }

  /** Makes a method fail or wait, whoever calls it; `heal` ends that for all of them. */
  fail(service: string, method: string, fault: Fault): void {
    checkAsked(this.#hostedAs(service), method);
    this.#faults.plan(service, method, fault);
  }

  heal(): void {
    this.#faults.clear();
  }

  /** Resolves when every event and message is handled, and those that they led to. */
  async settled(): Promise<void> {
    while (!this.#switchboard.isIdle) await setImmediate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    for (const { service } of [...this.#hosted.values()].toReversed()) {
      await service.onStop('test');
    }
    this.#switchboard.close();
  }

  readonly #send = (call: OutboundCall): Promise<unknown> => this.#switchboard.call(call);

  #hostedAs(name: string): Hosted {
    const hosted = this.#hosted.get(name);
    if (hosted !== undefined) return hosted;
    const known = listed([...this.#hosted.keys()]);
    throw new Error(`There is no service ${name} in this test, only: ${known}`);
  }

  async #host(lodging: Omit<Parameters<typeof host>[0], 'around'>): Promise<void> {
    const around = { server: [this.#faults.around], client: [] };
    await host(
      { ...lodging, around },
      {
        workerId,
        hosted: this.#hosted,
        draining: this.#leaving.signal,
        logOf: () => quiet,
        routerFor: () => noRouter,
        switchboard: {
          proxy: (from, to) => this.#switchboard.proxy(from, to),
          busOf: (from, connects) => this.#overheard(from, this.#switchboard.busOf(from, connects)),
        },
      },
    );
  }

  #overheard({ name: from }: Hosted, bus: Bus): Bus {
    const emit: Bus['emit'] = (event, payload) => {
      this.#emitted.push({ from, event, payload });
      bus.emit(event, payload);
    };
    return { ...bus, emit };
  }

  #route(): void {
    const services: RoutingTable['services'] = Object.fromEntries(
      [...this.#hosted.values()].map(({ name, contract, subscriptions }) => [
        name,
        { contract: { ...contract, ...subscriptions.toContract() }, endpoints: [here] },
      ]),
    );
    this.#switchboard.update({ generation: 1, services, remotes: [] });
  }
}

const here = { workerId, rpcPath: '', httpPath: '', draining: false };

export const startApp = async (
  services: TestServices,
  options: AppOptions = {},
): Promise<AppUnderTest> => {
  const app = new AppUnderTest(options);
  await app.start(services);
  return app;
};

const toTestService = (given: ServiceClass | TestService | object): TestService => {
  // What a caller may write besides a class is told apart by its keys.
  if (typeof given === 'function') return { service: given as ServiceClass };
  const { service } = given as Partial<TestService>;
  const isClass = typeof service === 'function' && 'onStart' in (service.prototype ?? {});
  return isClass ? (given as TestService) : { service: fakeService(given) };
};

const policiesOf = (
  name: string,
  calls: Readonly<Record<string, CallInput>>,
): Readonly<Record<string, CallPolicy>> =>
  Object.fromEntries(
    Object.entries(calls).map(([method, input]) => {
      const policy = parseCallPolicy(method, input);
      if (typeof policy === 'string') throw contractInvalid(name, `gives ${method} ${policy}`);
      return [method, policy];
    }),
  );
