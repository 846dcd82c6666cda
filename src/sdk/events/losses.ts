type Loss = { since: number; silent: number };

const everyMs = 1_000;
/** Events may have names without end. */
const mostKept = 1_000;

/** Says what was lost at once, and then once a second how much more: a flood must not flood the log. */
export class Losses {
  readonly #losses = new Map<string, Loss>();

  lost(what: string, why: string): void {
    const at = performance.now();
    const loss = this.#losses.get(what);
    if (loss !== undefined && at - loss.since < everyMs) {
      loss.silent += 1;
      return;
    }
    const more = loss === undefined || loss.silent === 0 ? '' : `, and ${loss.silent} before it`;
    if (this.#losses.size >= mostKept) this.#losses.clear();
    this.#losses.set(what, { since: at, silent: 0 });
    process.stderr.write(`${what} ${why}${more}\n`);
  }
}
