/** Who is told when nobody waits any more. */
export type Watcher = { readonly cancelled: () => void };

/**
 * Says that nobody waits for an answer any more. It ends nothing by itself: half of an order is
 * worse than one that nobody saw confirmed. It follows every call; an AbortSignal, which costs more
 * than the rest of many a call, is made only for a service that asks for it.
 */
export class Cancellation {
  #watchers: Set<Watcher> | undefined;
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
    for (const watcher of this.#watchers ?? []) watcher.cancelled();
    this.#watchers = undefined;
    this.#controller?.abort();
  }

  watch(watcher: Watcher): void {
    if (this.isCancelled) watcher.cancelled();
    this.#watchers ??= new Set();
    this.#watchers.add(watcher);
  }

  unwatch(watcher: Watcher): void {
    this.#watchers?.delete(watcher);
  }
}
