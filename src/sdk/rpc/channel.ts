import { connect, type Socket } from 'node:net';
import { encodeLine, LineDecoder } from '../../protocol/json-lines.ts';
import type { ToSupervisor, ToWorker } from '../../protocol/worker/messages.ts';

export type ChannelOptions = {
  readonly path: string;
  readonly hello: ToSupervisor;
  readonly onMessage: (message: ToWorker) => void;
  /** Hello was said, for the first time or again. */
  readonly onConnect: () => void;
  /** No supervisor answered for this long: end by yourself. */
  readonly onOrphaned: () => void;
  readonly orphanGraceMs: number;
};

const firstDelayMs = 50;
const longestDelayMs = 1_000;

/** The worker's end of the channel. It dials, and dials again when the supervisor is gone. */
export class Channel {
  readonly #options: ChannelOptions;
  #socket: Socket | undefined;
  #delayMs = firstDelayMs;
  #lostAt: number | undefined;
  #closed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#dial();
  }

  send(message: ToSupervisor): void {
    if (this.#socket?.writable) this.#socket.write(encodeLine(message));
  }

  /** Sends what is still in the buffer, then hangs up for good. */
  close(): Promise<void> {
    this.#closed = true;
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => socket.end(resolve));
  }

  #dial(): void {
    const socket = connect(this.#options.path);
    const decoder = new LineDecoder('The supervisor');
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      this.#delayMs = firstDelayMs;
      this.#lostAt = undefined;
      this.send(this.#options.hello);
      this.#options.onConnect();
    });
    socket.on('data', (chunk: string) => {
      // The supervisor is of the same installation; its messages have the declared shape.
      for (const message of decoder.push(chunk)) this.#options.onMessage(message as ToWorker);
    });
    // 'close' follows and dials again.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#lost());
  }

  #lost(): void {
    if (this.#closed) return;
    this.#lostAt ??= Date.now();
    if (Date.now() - this.#lostAt > this.#options.orphanGraceMs) {
      this.#options.onOrphaned();
      return;
    }
    setTimeout(() => this.#dial(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs);
  }
}
