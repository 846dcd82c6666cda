import { Throttle } from '../rpc/throttle.ts';

/** Says what was lost at once, and then once a second how much more. */
export class Losses {
  readonly #throttle = new Throttle();

  lost(what: string, why: string): void {
    const unsaid = this.#throttle.say(what);
    if (unsaid === undefined) return;
    const more = unsaid === 0 ? '' : `, and ${unsaid} before it`;
    process.stderr.write(`${what} ${why}${more}\n`);
  }
}
