import type { IncomingMessage } from 'node:http';
import type { RouteEntry } from '../../../protocol/contract.ts';
import type { RoutingTable } from '../../../protocol/topology.ts';
import type { Observed } from '../../../protocol/worker/messages.ts';
import type { Upgrade } from '../../../sdk/front/door.ts';
import type { Exchange } from '../../../sdk/front/exchange.ts';
import { type Match, Routes } from '../../../sdk/front/routes.ts';
import { canaryOf, rawCanaryOf, withoutTrials } from '../../../sdk/rpc/balance/canary.ts';
import { Caller, type CallerOptions } from '../../../sdk/rpc/calling/caller.ts';
import { Tries } from '../../../sdk/rpc/calling/tries.ts';
import type { OutboundCall } from '../../../sdk/rpc/calls.ts';
import { ServiceMeter } from '../../../sdk/rpc/meters/service-meter.ts';
import { answeredBy, type RefusedAnswers } from '../../../sdk/rpc/refused-answers.ts';
import { type ForwardOptions, forward, mayRepeat } from './proxy.ts';
import { type UpgradeOptions, upgradeTo } from './upgrade.ts';
import { type Upstream, Upstreams } from './upstreams.ts';
import { Witness } from './witness.ts';

const mostWaiting = 1_000;
const mostPending = 10_000;

export type BackendsParts = Pick<CallerOptions, 'requestTimeoutMs' | 'introduce'> & {
  readonly tell: (observed: Observed) => void;
  readonly refusedAnswers: RefusedAnswers;
};

/** The workers and commands behind the ingress: who has which route, and how each one is asked. */
export class Backends {
  /** The ingress counts like a service, so that what waits for an answer here is seen. */
  readonly meter = new ServiceMeter('ingress');
  readonly witness: Witness;
  readonly #requestTimeoutMs: number;
  readonly #tries = new Tries({ mostWaiting });
  readonly #caller: Caller;
  readonly #upstreams = new Upstreams();
  #routes = new Routes({});
  #unserved: readonly string[] = [];

  constructor({ requestTimeoutMs, tell, introduce, refusedAnswers }: BackendsParts) {
    this.#requestTimeoutMs = requestTimeoutMs;
    this.witness = new Witness(tell);
    this.#caller = new Caller({
      requestTimeoutMs,
      maxPending: mostPending,
      introduce,
      refused: (call, error) => {
        const { contract } = this.#caller.table.services[call.service] ?? {};
        refusedAnswers.note(answeredBy(call, contract), error);
      },
      tries: this.#tries,
    });
  }

  get routes(): Routes {
    return this.#routes;
  }

  update(table: RoutingTable): void {
    const services = withoutTrials(table.services);
    if (!this.#routes.isOf(services)) {
      this.#routes = new Routes(services);
      this.#tellUnserved();
    }
    this.#upstreams.update(table);
    this.witness.update(table);
    // Last, because it wakes those who wait.
    this.#caller.update(table);
  }

  /** Once, although other routes change. */
  #tellUnserved(): void {
    const { unserved } = this.#routes;
    for (const each of unserved) {
      if (!this.#unserved.includes(each)) process.stderr.write(`${each}\n`);
    }
    this.#unserved = unserved;
  }

  call(call: OutboundCall): Promise<unknown> {
    const service = canaryOf(this.#caller.table.services, call);
    return this.#caller.call({ ...call, service, meter: this.meter.awaiting(service) });
  }

  /** Who answers a raw route: its service, or the one on trial beside it. */
  takerOf(
    { service, path }: Match,
    { method, upgrade }: Pick<RouteEntry, 'method' | 'upgrade'>,
  ): string {
    const asked = { service, path, method, ...(upgrade === undefined ? {} : { upgrade }) };
    return rawCanaryOf(this.#caller.table.services, asked);
  }

  async forward(
    service: string,
    exchange: Exchange,
    options: Omit<ForwardOptions, 'timeoutMs'>,
  ): Promise<void> {
    await this.#try(service, exchange.request, (upstream) =>
      this.witness.watch(upstream.workerId, exchange.response, () =>
        forward(upstream, exchange, { ...options, timeoutMs: this.#timeoutOf(upstream) }),
      ),
    );
  }

  async upgrade(
    service: string,
    upgrade: Upgrade,
    options: Pick<UpgradeOptions, 'headers'> & {
      readonly onOpen: (upstream: Upstream, end: (code: number) => void) => void;
    },
  ): Promise<void> {
    await this.#try(service, upgrade.request, (upstream) =>
      upgradeTo(upstream, upgrade, {
        ...options,
        timeoutMs: this.#timeoutOf(upstream),
        onOpen: (end) => options.onOpen(upstream, end),
      }),
    );
  }

  /** An existing server has limits of its own. */
  #timeoutOf({ isCommand }: Upstream): number | undefined {
    return isCommand ? undefined : this.#requestTimeoutMs;
  }

  close(): void {
    this.#upstreams.close();
    this.#caller.close();
  }

  async #try(
    service: string,
    request: IncomingMessage,
    send: (upstream: Upstream) => Promise<void>,
  ): Promise<void> {
    this.#tries.began();
    await this.#tries.run({
      target: service,
      deadlineAt: Number.POSITIVE_INFINITY,
      find: () => this.#upstreams.pick(service),
      send,
      mayRepeat: (error) => mayRepeat(request, error),
    });
  }
}
