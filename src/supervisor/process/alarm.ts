import { type Millis, ms } from '../../protocol/units.ts';

/** What is done with the alarm of a worker. */
export type AlarmEffect =
  | { readonly type: 'arm'; readonly afterMs: Millis }
  /** The time that it has to end runs from here on. */
  | { readonly type: 'count' }
  /** So long after `count`. */
  | { readonly type: 'armBy'; readonly byMs: Millis }
  | { readonly type: 'disarm' };

export const arm = (afterMs: Millis): AlarmEffect => ({ type: 'arm', afterMs });
export const armBy = (byMs: Millis): AlarmEffect => ({ type: 'armBy', byMs });
export const count: AlarmEffect = { type: 'count' };
export const disarm: AlarmEffect = { type: 'disarm' };

/** Rings once. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #countedFrom = 0;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  perform(effect: AlarmEffect): void {
    switch (effect.type) {
      case 'arm':
        this.#arm(effect.afterMs);
        return;
      case 'count':
        this.#countedFrom = performance.now();
        return;
      case 'armBy':
        this.#arm(ms(Math.max(0, this.#countedFrom + effect.byMs - performance.now())));
        return;
      case 'disarm':
        clearTimeout(this.#timer);
    }
  }

  #arm(afterMs: Millis): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ring, afterMs);
  }
}
