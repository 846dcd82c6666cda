import { seconds } from '../../protocol/units.ts';

/** Who holds the loop again and again is named anew within this time. */
const keptMs = seconds(60);

/** What held the event loop of a worker lately. */
export class Stall {
  #last: { readonly stack: string; readonly at: number } | undefined;

  seen(stack: string): void {
    this.#last = { stack, at: performance.now() };
  }

  forget(): void {
    this.#last = undefined;
  }

  /** Innermost function first. */
  get stack(): string | undefined {
    const last = this.#last;
    return last !== undefined && performance.now() < last.at + keptMs ? last.stack : undefined;
  }
}
