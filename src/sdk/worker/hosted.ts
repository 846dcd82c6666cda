import type { Contract } from '../../protocol/contract.ts';
import { methodNotExposed, unavailable } from '../../protocol/errors.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import { RequestContext, requestContext } from '../request-context.ts';
import { type InboundCall, now } from '../rpc/calls.ts';
import type { ServiceMeter } from '../rpc/service-meter.ts';
import type { Service } from '../service.ts';
import { inSlice } from './slices.ts';

/** The service did its work, and the answer is no: a page that does not exist is no failure. */
const isRefusal = (error: unknown): boolean => {
  const { httpStatus } = (error ?? {}) as { readonly httpStatus?: unknown };
  return typeof httpStatus === 'number' && httpStatus >= 400 && httpStatus < 500;
};

type Method = (...args: readonly unknown[]) => unknown;

/** One service in this worker: what may be called of it, and how it fares. */
export class Hosted {
  readonly name: string;
  readonly service: Service;
  readonly meter: ServiceMeter;
  readonly contract: Contract;
  /** Handlers that `ctx.on` added. */
  readonly handlers = new Map<string, (payload: unknown) => unknown>();
  /** Why `onStart` failed; such a service answers nothing. */
  failure: string | undefined;

  constructor(parts: Pick<Hosted, 'name' | 'service' | 'meter' | 'contract'>) {
    this.name = parts.name;
    this.service = parts.service;
    this.meter = parts.meter;
    this.contract = parts.contract;
  }

  /** Runs a call in its context, on the account of this service. */
  async handle(call: InboundCall): Promise<unknown> {
    if (this.failure !== undefined) {
      throw unavailable(`${this.name}.${call.method}`, 'no', this.failure);
    }
    const method = this.#find(call);
    return this.account(call, () => method(...call.args));
  }

  async account(
    call: Pick<InboundCall, 'sentAt' | 'deadlineMs' | 'traceparent' | 'cancellation'>,
    run: () => unknown,
  ): Promise<unknown> {
    const startedAt = now();
    const deadlineAt = call.deadlineMs > 0 ? startedAt + call.deadlineMs : Number.POSITIVE_INFINITY;
    const { traceparent, cancellation } = call;
    const { name: service, meter } = this;
    const context = new RequestContext({ service, traceparent, deadlineAt, meter, cancellation });
    this.meter.arrived(startedAt - call.sentAt);
    let failed = true;
    try {
      const value = await inSlice(this.meter, () => requestContext.run(context, run));
      failed = false;
      return value;
    } catch (error) {
      failed = !isRefusal(error);
      this.#report(error);
      throw error;
    } finally {
      this.meter.answered(now() - call.sentAt, failed, startedAt - call.sentAt);
    }
  }

  /** What has no code was not meant to be thrown: the log gets its stack, the caller does not. */
  #report(error: unknown): void {
    if (typeof (error as { readonly code?: unknown } | undefined)?.code === 'string') return;
    const text = error instanceof Error ? error.stack : toErrorData(error).message;
    process.stderr.write(`${this.name}: ${text}\n`);
  }

  /** Only what the contract names: never a constructor, a hook, or anything inherited. */
  #find({ kind, method, from }: InboundCall): Method {
    const { service, contract } = this;
    switch (kind) {
      case 'call':
        return this.#own(contract.expose.includes(method), method);
      case 'route':
        return this.#own(
          contract.routes.some(({ handler }) => handler === method),
          method,
        );
      case 'event':
        return this.handlers.get(method) ?? this.#subscribed(method);
      case 'message':
        return (payload) => service.onMessage(from, payload);
      case 'request':
        return (payload) => service.onRequest(from, payload);
    }
  }

  #subscribed(event: string): Method {
    const method = Object.hasOwn(this.contract.on, event) ? this.contract.on[event] : undefined;
    return this.#own(method !== undefined, method ?? event);
  }

  #own(allowed: boolean, name: string): Method {
    const method = (this.service as unknown as Record<string, Method | undefined>)[name];
    if (!allowed || method === undefined) {
      throw methodNotExposed(`${this.name}.${name}`, this.contract.expose);
    }
    return (...args) => this.#published(name, method.apply(this.service, [...args]));
  }

  /** `emits`: the result of a method that succeeded is published under its event. */
  #published(name: string, result: unknown): unknown {
    const event = Object.hasOwn(this.contract.emits, name) ? this.contract.emits[name] : undefined;
    if (event === undefined) return result;
    return Promise.resolve(result).then((value) => {
      this.service.emit(event, value);
      return value;
    });
  }
}
