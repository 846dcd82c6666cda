import type { Contract } from '../../protocol/contract.ts';
import { contractInvalid } from '../../protocol/errors.ts';
import { isEventPattern, matchesEvent } from '../../protocol/event-pattern.ts';
import type { SubscribeOptions } from '../contract-input.ts';
import type { InboundCall } from '../rpc/calls.ts';

export type Handler = (call: InboundCall) => unknown;

type Entry = {
  readonly pattern: string;
  /** Every worker handles the event, not one of the service's. */
  readonly everywhere: boolean;
  /** Of the contract; one that `ctx.on` added has none. */
  readonly method: string;
  readonly handler: Handler;
};

/** What one service listens to: what its contract names, and what `ctx.on` added. */
export class Subscriptions {
  readonly #service: string;
  readonly #entries: Entry[] = [];

  constructor(service: string) {
    this.#service = service;
  }

  add(pattern: string, handler: Handler, { workers = 'one', method = '' }: Adding = {}): void {
    if (!isEventPattern(pattern)) {
      throw contractInvalid(this.#service, `has the event ${JSON.stringify(pattern)}`);
    }
    this.#entries.push({ pattern, handler, method, everywhere: workers === 'all' });
  }

  handlersOf(event: string, everywhere: boolean): readonly Handler[] {
    return this.#entries
      .filter((entry) => entry.everywhere === everywhere && matchesEvent(entry.pattern, event))
      .map(({ handler }) => handler);
  }

  /** As the routing table has it. */
  toContract(): Pick<Contract, 'on' | 'everywhere'> {
    const everywhere = this.#table(true);
    const others = Object.keys(everywhere).length > 0 ? { everywhere } : {};
    return { on: this.#table(false), ...others };
  }

  #table(everywhere: boolean): Readonly<Record<string, string>> {
    const entries = this.#entries.filter((entry) => entry.everywhere === everywhere);
    return Object.fromEntries(entries.map(({ pattern, method }) => [pattern, method]));
  }
}

type Adding = SubscribeOptions & { readonly method?: string };
