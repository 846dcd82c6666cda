import { unavailable } from '../../../protocol/errors.ts';
import { now } from '../calls.ts';
import { RetryBudget } from './retry-budget.ts';
import { WaitingRoom } from './waiting-room.ts';

export type TriesOptions = {
  /** A request that nobody can take waits so long at most for a table with somebody who can; 2 s unless it says so. */
  readonly patienceMs?: number;
  readonly mostWaiting: number;
};

/** Who may take a request. */
export type Taker = {
  /** It takes nothing any more, now and later. */
  readonly isGone: boolean;
};

export type Task<T extends Taker> = {
  readonly target: string;
  readonly deadlineAt: number;
  /** Never one that is gone. */
  readonly find: () => T | undefined;
  readonly send: (taker: T) => Promise<unknown>;
  /** It may run twice, or nothing of it was sent. */
  readonly mayRepeat: (error: unknown) => boolean;
  /** How often at most; 2 unless it says so. */
  readonly mostRepeats?: number | undefined;
};

type Failure<T extends Taker> = {
  readonly task: Task<T>;
  readonly taker: T;
  readonly error: unknown;
  readonly repeats: number;
};

const mostRepeats = 2;
/** The only worker of a service that died has another in its place by then, on a busy machine too. */
const usualPatienceMs = 2_000;

/** Finds somebody for each request, and somebody else when the first one is gone. */
export class Tries {
  readonly #patienceMs: number;
  readonly #waiting: WaitingRoom;
  readonly #budget = new RetryBudget();

  constructor({ patienceMs = usualPatienceMs, mostWaiting }: TriesOptions) {
    this.#patienceMs = patienceMs;
    this.#waiting = new WaitingRoom(mostWaiting);
  }

  /** There is a new table: everyone who waits looks again. */
  lookAgain(): void {
    this.#waiting.open();
  }

  /** A request is made that may be tried again; each pays for a part of a retry. */
  began(): void {
    this.#budget.earn();
  }

  run<T extends Taker>(task: Task<T>): Promise<unknown> {
    return this.#try(task, 0);
  }

  /** It was tried with this taker, and went wrong. */
  async again<T extends Taker>(task: Task<T>, taker: T, error: unknown): Promise<unknown> {
    return this.#try(task, this.#repeatsAfter({ task, taker, error, repeats: 0 }));
  }

  async #try<T extends Taker>(task: Task<T>, before: number): Promise<unknown> {
    for (let repeats = before; ; ) {
      const taker = task.find() ?? (await this.#await(task));
      try {
        return await task.send(taker);
      } catch (error) {
        repeats = this.#repeatsAfter({ task, taker, error, repeats });
      }
    }
  }

  #repeatsAfter<T extends Taker>(failure: Failure<T>): number {
    const { task, taker, error, repeats } = failure;
    // Costs nobody anything, and takes one taker out of the choice, so that it ends.
    if (taker.isGone && executedOf(error) === 'no') return repeats;
    if (repeats >= (task.mostRepeats ?? mostRepeats) || !this.#mayRepeat(task, error)) throw error;
    return repeats + 1;
  }

  #mayRepeat<T extends Taker>(task: Task<T>, error: unknown): boolean {
    return task.mayRepeat(error) && this.#budget.spend();
  }

  async #await<T extends Taker>({ target, deadlineAt, find }: Task<T>): Promise<T> {
    const until = Math.min(deadlineAt, now() + this.#patienceMs);
    while (await this.#waiting.wait(until)) {
      const taker = find();
      if (taker !== undefined) return taker;
    }
    throw unavailable(target, 'no', 'no worker of it is ready');
  }
}

/** Whether a request without an answer ran; undefined for every answer, also for an error. */
export const executedOf = (error: unknown): unknown => {
  const { code, facts } = error as {
    readonly code?: string;
    readonly facts?: { readonly executed?: unknown };
  };
  return code === 'UNAVAILABLE' ? facts?.executed : undefined;
};
