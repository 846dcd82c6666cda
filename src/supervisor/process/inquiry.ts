import type { KeptCall } from '../../protocol/slow-calls.ts';
import type { ToSupervisor, ToWorker } from '../../protocol/worker/messages.ts';

type Answer = Extract<ToSupervisor, { readonly type: 'slowest' }>;

/** A worker answers within a turn of its event loop, unless that is blocked. */
const patienceMs = 500;

/** What one worker is asked for its slow calls, and has not answered yet. */
export class Inquiry {
  readonly #waiting = new Map<number, (calls: readonly KeptCall[] | undefined) => void>();
  #last = 0;

  /** Undefined when it says nothing: an older one does not know the question. */
  async ask(
    service: string,
    send: (message: ToWorker) => void,
  ): Promise<readonly KeptCall[] | undefined> {
    this.#last += 1;
    const id = this.#last;
    const answer = Promise.withResolvers<readonly KeptCall[] | undefined>();
    const timer = setTimeout(() => answer.resolve(undefined), patienceMs);
    this.#waiting.set(id, answer.resolve);
    send({ type: 'slowest', id, service });
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  answered({ id, calls }: Answer): void {
    this.#waiting.get(id)?.(calls);
  }
}
