import type { Contract } from '../../protocol/contract.ts';
import { matchesEvent } from '../../protocol/event-pattern.ts';
import type { Endpoint, RoutingTable } from '../../protocol/topology.ts';
import type { OutboundCall } from '../rpc/calls.ts';
import { EventQueue, type Outcome } from './event-queue.ts';

/** One copy of an event: to one worker of a service, or to this very one. */
export type Delivery = Pick<OutboundCall, 'kind' | 'service' | 'method' | 'workerId'>;

/** Those of services that have nothing to do with each other, and of workers that are gone. */
const mostQueues = 1_000;

/** Who gets an event: one worker of each service that wants one, all of each that wants all. */
export const deliveriesOf = (table: RoutingTable, event: string): readonly Delivery[] =>
  Object.entries(table.services).flatMap(([service, { contract, endpoints }]) => {
    const one = wants(contract.on, event)
      ? [{ kind: 'event', service, method: event } as const]
      : [];
    if (!wants(contract.everywhere ?? {}, event)) return one;
    const all = everyWorker(endpoints).map(
      ({ workerId }) => ({ kind: 'broadcast', service, method: event, workerId }) as const,
    );
    return [...one, ...all];
  });

/** Also one that is blocked or unwell, or stands by: it may be asked again in a moment. */
export const everyWorker = (endpoints: readonly Endpoint[]): readonly Endpoint[] =>
  endpoints.filter(({ leaving }) => leaving !== true);

const wants = (subscribed: Contract['on'], event: string): boolean => {
  for (const pattern in subscribed) if (matchesEvent(pattern, event)) return true;
  return false;
};

export type Post = {
  readonly send: (args: readonly unknown[]) => Promise<unknown>;
  readonly copy: (args: readonly unknown[]) => readonly unknown[];
  readonly args: readonly unknown[];
  readonly done: (outcome: Outcome, error?: unknown) => void;
};

/** Queues to the subscribers, one each: a slow one holds up no other. */
export class Publisher {
  readonly #queues = new Map<string, EventQueue>();

  post({ kind, service, workerId = '' }: Delivery, { send, copy, args, done }: Post): void {
    let kept = args;
    this.#queueOf(`${kind} ${service} ${workerId}`).post({
      send: () => send(kept),
      keep: () => {
        kept = copy(args);
      },
      done,
    });
  }

  get isIdle(): boolean {
    return [...this.#queues.values()].every(({ isEmpty }) => isEmpty);
  }

  #queueOf(target: string): EventQueue {
    const known = this.#queues.get(target);
    if (known !== undefined) return known;
    if (this.#queues.size >= mostQueues) this.#sweep();
    const queue = new EventQueue();
    this.#queues.set(target, queue);
    return queue;
  }

  #sweep(): void {
    for (const [target, queue] of this.#queues) if (queue.isEmpty) this.#queues.delete(target);
  }
}
