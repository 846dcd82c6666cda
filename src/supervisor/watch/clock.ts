import { type Millis, ms } from '../../protocol/units.ts';

/** A difference that no slow adjustment makes between two looks. */
const setMs = 1_500;

export type Look = {
  readonly at: number;
  /** By how much somebody has set the clock since the last look; 0 when nobody has. */
  readonly setByMs: Millis;
};

/** The time of day, and whether it went on evenly: an operator, or a time server, may set it. */
export class Clock {
  readonly #wall: () => number;
  readonly #steady: () => number;
  #before: number;

  constructor(wall = () => Date.now(), steady = () => performance.now()) {
    this.#wall = wall;
    this.#steady = steady;
    this.#before = wall() - steady();
  }

  look(): Look {
    const at = this.#wall();
    const difference = at - this.#steady();
    const byMs = difference - this.#before;
    this.#before = difference;
    return { at, setByMs: ms(Math.abs(byMs) > setMs ? Math.round(byMs) : 0) };
  }
}
