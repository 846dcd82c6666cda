import { connect, type Socket } from 'node:net';
import { encodeLine, LineDecoder } from '../../protocol/json-lines.ts';
import type { ToSupervisor, ToWorker } from '../../protocol/worker/messages.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { HeldDescriptors } from './held-descriptors.ts';
import { startSuccessor } from './successor.ts';

export type ChannelOptions = {
  readonly runDir: string;
  readonly hello: ToSupervisor;
  readonly onMessage: (message: ToWorker) => void;
  /** Hello was said, for the first time or again. */
  readonly onConnect: () => void;
  /** No supervisor answered for this long: end by yourself. */
  readonly onOrphaned: () => void;
  readonly orphanGraceMs: number;
  /** Ports that it holds for the next supervisor. */
  readonly held?: readonly number[];
  /** In a process that is not ours: keeps it from nothing, and starts no supervisor. */
  readonly isGuest?: boolean;
};

const firstDelayMs = 20;
const longestDelayMs = 250;
/** Processes of an app lose their supervisor at the same moment: not all look at once. */
const jitterMs = 30;

/**
 * The worker's end of the channel. It dials, and dials again when the supervisor is gone; if that
 * one has died, it starts the next.
 */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #held: HeldDescriptors;
  #socket: Socket | undefined;
  #delayMs = firstDelayMs;
  #lostAt: number | undefined;
  #closed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#held = new HeldDescriptors(options.held ?? []);
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
    const socket = connect(runFiles.channel(this.#options.runDir));
    const decoder = new LineDecoder('The supervisor');
    this.#socket = socket;
    if (this.#options.isGuest) socket.unref();
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      this.send(this.#options.hello);
      this.#options.onConnect();
    });
    socket.on('data', (chunk: string) => {
      // To be answered is to be taken: until then this may be a supervisor that does not know us.
      this.#delayMs = firstDelayMs;
      this.#lostAt = undefined;
      // The supervisor is of the same installation; its messages have the declared shape.
      for (const message of decoder.push(chunk)) this.#take(message as ToWorker);
    });
    // 'close' follows and dials again.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#lost());
  }

  #take(message: ToWorker): void {
    if (message.type === 'ports') this.#held.keep(message.held);
    this.#options.onMessage(message);
  }

  #lost(): void {
    if (this.#closed) return;
    // Monotonic: a clock that is set must not make orphans.
    this.#lostAt ??= performance.now();
    if (performance.now() - this.#lostAt > this.#options.orphanGraceMs) {
      this.#options.onOrphaned();
      return;
    }
    const timer = setTimeout(() => this.#again(), this.#delayMs + Math.random() * jitterMs);
    if (this.#options.isGuest) timer.unref();
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs);
  }

  #again(): void {
    if (this.#closed) return;
    const { isGuest, runDir, orphanGraceMs } = this.#options;
    const orphanedMs = performance.now() - (this.#lostAt ?? performance.now());
    // A guest holds none of the descriptors that the next supervisor needs.
    if (!isGuest) startSuccessor({ runDir, orphanGraceMs, held: this.#held, orphanedMs });
    this.#dial();
  }
}
