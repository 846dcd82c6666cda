/** As long as somebody may have to wait in a burst. */
const patienceMs = 100;
/** When nothing at all has happened for so long, what comes is something new. */
const silenceMs = 1_000;
/** It is over when one of so many finds a place at once. */
const fewWelcome = 4;

/**
 * Whether more comes than a service can do, and not for a moment only. It begins when somebody has
 * been waiting all the time for longer than a burst takes. That nobody waits any more is no sign of
 * its end, as whoever waits too long is refused; that many find a place at once is one.
 */
export class Overload {
  readonly patienceMs = patienceMs;
  #came = 0;
  #welcome = 0;
  isOn = false;

  came(isWelcome: boolean): void {
    this.#came += 1;
    if (isWelcome) this.#welcome += 1;
  }

  /** Nothing has been under way for so long. */
  rested(forMs: number): void {
    if (forMs > silenceMs) this.isOn = false;
  }

  /** Somebody has been waiting all the time for so long. */
  waited(forMs: number): void {
    this.isOn ||= forMs > patienceMs;
  }

  periodEnded(): void {
    this.isOn &&= this.#welcome * fewWelcome < this.#came;
    this.#came = 0;
    this.#welcome = 0;
  }
}
