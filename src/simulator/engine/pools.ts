import type { Pool } from './app.ts';
import type { Request } from './request.ts';

type Queue = { readonly size: number; used: number; readonly waiting: Request[] };

/** Connections, and the requests that wait for one. */
export class Pools {
  readonly #queues = new Map<string, Queue>();

  /** Whether a request has a connection; if not, it waits until one is given back. */
  take(pool: Pool, request: Request): boolean {
    const queue = this.#queueOf(pool);
    if (queue.used >= queue.size) {
      queue.waiting.push(request);
      return false;
    }
    queue.used += 1;
    return true;
  }

  /** Gives a connection back, and tells who can have it. */
  giveBack(pool: Pool): Request | undefined {
    const queue = this.#queueOf(pool);
    queue.used -= 1;
    return queue.waiting.shift();
  }

  #queueOf({ name, size }: Pool): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue: Queue = { size, used: 0, waiting: [] };
    this.#queues.set(name, queue);
    return queue;
  }
}
