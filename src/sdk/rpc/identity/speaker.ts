import { callerForged } from '../../../protocol/call-errors.ts';
import { type CallHandler, type InboundCall, ingress, now, targetOf } from '../calls.ts';
import { leftOf } from '../waited.ts';

export type Names = ReadonlySet<string> | 'anyone';

type SpeakerParts = {
  /** For whom it may speak, as far as that is known. */
  readonly look: () => Names | undefined;
  /** Whether there is something new to look at before that moment. */
  readonly next: (until: number) => Promise<boolean>;
  readonly patienceMs: number;
};

/** One peer, which stays who it is as long as its link is there. */
export class Speaker {
  readonly #parts: SpeakerParts;
  #names: Names | undefined;
  #until: number | undefined;
  #isReported = false;

  constructor(parts: SpeakerParts) {
    this.#parts = parts;
  }

  /** Has a call answered, when it is from whom it says. */
  pass(call: InboundCall, handler: CallHandler): unknown {
    this.#names ??= this.#parts.look();
    return this.#names === undefined ? this.#later(call, handler) : this.#now(call, handler);
  }

  #now(call: InboundCall, handler: CallHandler): unknown {
    const { kind, from } = call;
    const names = this.#names;
    // Routes are what the ingress makes of a request: nobody else has one.
    const isTrue =
      names === 'anyone' || (names?.has(from) && (kind !== 'route' || from === ingress));
    if (isTrue) return handler(call);
    const error = callerForged(from, targetOf(call));
    if (!this.#isReported) process.stderr.write(`${error.message}\n`);
    this.#isReported = true;
    throw error;
  }

  /** Waits once: after that it only looks, or a stranger would have every call of its kept. */
  async #later(call: InboundCall, handler: CallHandler): Promise<unknown> {
    this.#until ??= now() + this.#parts.patienceMs;
    while (this.#names === undefined && (await this.#parts.next(this.#until))) {
      this.#names ??= this.#parts.look();
    }
    const takenAt = now();
    const deadlineMs = leftOf(call.deadlineMs, takenAt - call.takenAt);
    return this.#now({ ...call, takenAt, deadlineMs }, handler);
  }
}
