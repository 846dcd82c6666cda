import { Seldom } from '../rpc/seldom.ts';

/** Says what was lost at once, and then once a second how much more. */
export class Losses {
  readonly #seldom = new Seldom();

  lost(what: string, why: string): void {
    const unsaid = this.#seldom.say(what);
    if (unsaid === undefined) return;
    const more = unsaid === 0 ? '' : `, and ${unsaid} before it`;
    process.stderr.write(`${what} ${why}${more}\n`);
  }
}
