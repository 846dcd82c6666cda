import type { Socket } from 'node:net';

/** Collects what is written within one turn and hands it to the socket in one write. */
export class Outbox {
  readonly #socket: Socket;
  #parts: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  push(bytes: Buffer): void {
    if (this.#parts.length === 0) process.nextTick(() => this.#flush());
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
