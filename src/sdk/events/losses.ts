import { ms } from '../../protocol/units.ts';

type Unsaid = { more: number; why: string; readonly timer: NodeJS.Timeout };

/** Names may be without end. */
const mostKept = 1_000;

const toLog = (line: string): void => void process.stderr.write(`${line}\n`);

/** Says what was lost at once, and each time that a second is over how much more was lost in it. */
export class Losses {
  readonly #say: (line: string) => void;
  readonly #everyMs: number;
  readonly #unsaid = new Map<string, Unsaid>();

  constructor(say = toLog, everyMs = ms(1_000)) {
    this.#say = say;
    this.#everyMs = everyMs;
  }

  lost(what: string, why: string): void {
    const unsaid = this.#unsaid.get(what);
    if (unsaid !== undefined) {
      unsaid.more += 1;
      unsaid.why = why;
      return;
    }
    if (this.#unsaid.size >= mostKept) this.close();
    this.#say(`${what}: ${why}`);
    const timer = setInterval(() => this.#secondIsOver(what), this.#everyMs).unref();
    this.#unsaid.set(what, { more: 0, why, timer });
  }

  /** What is left to say is said now. */
  close(): void {
    for (const what of this.#unsaid.keys()) {
      this.#sum(what);
      this.#forget(what);
    }
  }

  #secondIsOver(what: string): void {
    if (!this.#sum(what)) this.#forget(what);
  }

  /** Whether there was more. */
  #sum(what: string): boolean {
    const unsaid = this.#unsaid.get(what);
    if (unsaid === undefined || unsaid.more === 0) return false;
    this.#say(`${what}: ${unsaid.why}, and ${unsaid.more} more within a second`);
    unsaid.more = 0;
    return true;
  }

  #forget(what: string): void {
    clearInterval(this.#unsaid.get(what)?.timer);
    this.#unsaid.delete(what);
  }
}
