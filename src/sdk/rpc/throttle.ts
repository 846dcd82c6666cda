type Said = { readonly at: number; unsaid: number };

const everyMs = 1_000;
/** Names may be without end. */
const mostKept = 1_000;

/** What is said at once, and then once a second at most: a flood must not flood the log. */
export class Throttle {
  readonly #said = new Map<string, Said>();

  /** How often it was not said since it was said last; undefined when it is not to be said now. */
  say(what: string, at = performance.now()): number | undefined {
    const said = this.#said.get(what);
    if (said !== undefined && at - said.at < everyMs) {
      said.unsaid += 1;
      return undefined;
    }
    if (this.#said.size >= mostKept) this.#said.clear();
    this.#said.set(what, { at, unsaid: 0 });
    return said?.unsaid ?? 0;
  }
}
