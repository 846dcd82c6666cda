import type { RoutingTable } from '../../protocol/topology.ts';
import { parseDuration } from '../../protocol/units.ts';
import type { CallOptions } from '../call-options.ts';
import { requestContext } from '../request-context.ts';
import { abortable } from '../rpc/abortable.ts';
import { Caller, type CallerOptions } from '../rpc/caller.ts';
import { isAwaited, now, type OutboundCall } from '../rpc/calls.ts';
import { newTraceparent } from '../rpc/trace.ts';
import { Tries } from '../rpc/tries.ts';
import type { Bus } from '../service.ts';
import type { Hosted } from './hosted.ts';
import { LocalCalls } from './local-calls.ts';
import { proxyOf } from './proxy.ts';

export type SwitchboardOptions = Pick<CallerOptions, 'requestTimeoutMs' | 'own' | 'dial'> & {
  readonly hosted: ReadonlyMap<string, Hosted>;
};

/** So many under way are no reason to go elsewhere. */
const fewUnderWay = 8;

/** Sends a service's calls to a colleague in this process or over a link, with the same semantics. */
export class Switchboard {
  readonly #hosted: ReadonlyMap<string, Hosted>;
  readonly #caller: Caller;
  readonly #local = new LocalCalls();
  readonly #timeoutMs: number;

  constructor({ hosted, requestTimeoutMs, ...link }: SwitchboardOptions) {
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

  close(): void {
    this.#caller.close();
    this.#local.close();
  }

  proxy(from: Hosted, service: string): object {
    return proxyOf((method, args, options) =>
      this.#call(from, { kind: 'call', service, method, args, from: from.name }, options),
    );
  }

  busOf(from: Hosted, connects: readonly string[]): Bus {
    const post = (call: Omit<OutboundCall, 'from'>): void => {
      this.#call(from, { ...call, from: from.name }).catch((error) => {
        const what = `${call.kind} ${call.method} to ${call.service}`;
        process.stderr.write(`${from.name}: ${what} failed: ${error}\n`);
      });
    };
    const message = (service: string, payload: unknown): void =>
      post({ kind: 'message', service, method: '', args: [payload] });
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
        for (const service of this.#subscribersOf(event)) {
          post({ kind: 'event', service, method: event, args: [payload] });
        }
      },
    };
  }

  #subscribersOf(event: string): readonly string[] {
    return Object.entries(this.#caller.table.services)
      .filter(([, { contract }]) => Object.hasOwn(contract.on, event))
      .map(([name]) => name);
  }

  /** Deadline, trace and cancellation of the request that is being handled go along. */
  #call(from: Hosted, call: OutboundCall, options: CallOptions = {}): Promise<unknown> {
    const { kind, service, method, args } = call;
    const context = requestContext.getStore();
    const awaits = isAwaited(kind);
    const asked = awaits ? context : undefined;
    const left = asked === undefined ? this.#timeoutMs : asked.deadlineAt - now();
    const outbound: OutboundCall = {
      kind,
      service,
      method,
      args,
      from: from.name,
      deadlineMs: Math.max(1, Math.min(left, this.#timeoutOf(options))),
      traceparent: context?.traceparent ?? newTraceparent(),
      idempotent: this.#mayRunTwice(call),
      retries: options.retries,
      key: options.key,
      cancellation: asked?.cancellation,
      meter: awaits ? from.meter.awaiting(service) : from.meter.posting(service),
    };
    return options.signal === undefined
      ? this.#deliver(outbound)
      : abortable(options.signal, outbound, (it) => this.#deliver(it));
  }

  #timeoutOf({ timeout }: CallOptions): number {
    if (timeout === undefined) return this.#timeoutMs;
    const asked = parseDuration(timeout);
    if (asked === undefined) throw new TypeError(`${timeout} is no timeout: write 500 or '2s'`);
    return asked;
  }

  #mayRunTwice({ kind, service, method }: OutboundCall): boolean {
    const idempotent = this.#caller.table.services[service]?.contract.idempotent ?? [];
    return kind === 'call' && idempotent.includes(method);
  }

  #deliver(call: OutboundCall): Promise<unknown> {
    const local = this.#hosted.get(call.service);
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
