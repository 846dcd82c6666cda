import { Crowd, type Member } from './under-way/crowd.ts';

/** Who is told when nobody waits any more. */
export type Watcher = Member & { readonly cancelled: () => void };

/**
 * Says that nobody waits for an answer any more. It ends nothing by itself: half of an order is
 * worse than one that nobody saw confirmed. It follows every call; an AbortSignal, which costs more
 * than the rest of many a call, is made only for a service that asks for it.
 */
export class Cancellation {
  /** Most have one at a time. */
  #watcher: Watcher | undefined;
  #others: Crowd<Watcher> | undefined;
  #controller: AbortController | undefined;
  isCancelled = false;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isCancelled) this.#controller.abort();
    return this.#controller.signal;
  }

  cancel(): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    const others = this.#others;
    this.#watcher?.cancelled();
    for (const each of others?.list() ?? []) if (others?.has(each)) each.cancelled();
    this.#watcher = undefined;
    this.#others = undefined;
    this.#controller?.abort();
  }

  watch(watcher: Watcher): void {
    if (this.isCancelled) watcher.cancelled();
    else if (this.#watcher === undefined) this.#watcher = watcher;
    else {
      this.#others ??= new Crowd();
      this.#others.add(watcher);
    }
  }

  unwatch(watcher: Watcher): void {
    if (this.#watcher === watcher) this.#watcher = undefined;
    else this.#others?.delete(watcher);
  }
}
