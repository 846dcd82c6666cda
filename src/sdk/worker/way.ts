import type { RoutingTable } from '../../protocol/topology.ts';
import type { ClientChain } from '../interceptors/client-chain.ts';
import { type Around, compose, type Next } from '../interceptors/interceptor.ts';
import { tracing } from '../interceptors/tracing.ts';
import { type CallMeter, isAwaited, type OutboundCall } from '../rpc/calls.ts';
import type { Hosted } from './hosted.ts';

export type Target = Pick<OutboundCall, 'kind' | 'service' | 'method'>;

export type WayParts = {
  readonly from: Hosted;
  readonly target: Target;
  readonly chain: ClientChain;
  readonly deliver: Next<OutboundCall>;
};

/** How one service asks another for one thing, found once for every table and not for every call. */
export class Way {
  readonly from: Hosted;
  readonly target: Target;
  /** Somebody waits for the answer. */
  readonly isAwaited: boolean;
  readonly meter: CallMeter;
  readonly #chain: ClientChain;
  readonly #deliver: Next<OutboundCall>;
  #table: RoutingTable | undefined;
  #traced: readonly Around[] = [];
  /** May run twice. */
  idempotent = false;
  /** Another version answers a share of the calls. */
  isTried = false;
  /** What stands round it; undefined when nothing does. */
  around: Next<OutboundCall> | undefined = undefined;

  constructor({ from, target, chain, deliver }: WayParts) {
    this.from = from;
    this.target = target;
    this.isAwaited = isAwaited(target.kind);
    const { service } = target;
    this.meter = this.isAwaited ? from.meter.awaiting(service) : from.meter.posting(service);
    this.#chain = chain;
    this.#deliver = deliver;
  }

  /** As it is by this table. */
  by(table: RoutingTable): this {
    const traced = tracing('client');
    if (table !== this.#table || traced !== this.#traced) this.#look(table, traced);
    return this;
  }

  #look(table: RoutingTable, traced: readonly Around[]): void {
    this.#table = table;
    this.#traced = traced;
    const { kind, service, method } = this.target;
    const { contract, canary } = table.services[service] ?? {};
    this.idempotent = kind === 'call' && contract?.idempotent?.includes(method) === true;
    this.isTried = canary !== undefined;
    const written = this.from.interceptors.client;
    const around = this.#chain.of(this.target, { calls: contract?.calls, written });
    this.around = around.length === 0 ? undefined : compose(around, this.#deliver);
  }
}
