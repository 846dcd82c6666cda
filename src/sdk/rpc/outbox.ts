import type { Socket } from 'node:net';

export type Schedule = (flush: () => void) => unknown;

/** Collects what is written within one turn and hands it to the socket in one write. */
export class Outbox {
  readonly #socket: Socket;
  readonly #schedule: Schedule;
  #parts: Buffer[] = [];

  /** `schedule` runs at the end of what counts as one turn. */
  constructor(socket: Socket, schedule: Schedule = process.nextTick) {
    this.#socket = socket;
    this.#schedule = schedule;
  }

  push(bytes: Buffer): void {
    if (this.#parts.length === 0) this.#schedule(() => this.#flush());
    this.#parts.push(bytes);
  }

  #flush(): void {
    const parts = this.#parts;
    this.#parts = [];
    if (!this.#socket.destroyed) {
      this.#socket.write(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
    }
  }
}
