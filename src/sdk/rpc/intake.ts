import type { Socket } from 'node:net';
import { type Frame, FrameDecoder } from '../../protocol/rpc/frame.ts';

const longMs = 4;
const shortMs = 1;
const mostAtOnce = 256;

/**
 * Takes frames in portions, so that timers and other sockets get their turn between them: a
 * hundred calls that compute for 10 ms each and arrive in one chunk would else hold the event
 * loop for a second. A portion halves when it took long and doubles when it was short.
 */
class Intake {
  readonly #take: (frame: Frame) => void;
  readonly #queue: Frame[] = [];
  #portion = 16;
  #running = false;

  constructor(take: (frame: Frame) => void) {
    this.#take = take;
  }

  push(frames: readonly Frame[]): void {
    if (frames.length === 0) return;
    this.#queue.push(...frames);
    if (!this.#running) this.#next();
  }

  #next(): void {
    const startedAt = performance.now();
    for (const frame of this.#queue.splice(0, this.#portion)) this.#take(frame);
    this.#running = true;
    setImmediate(() => {
      // By now the promises that the portion settled have run as well.
      this.#adapt(performance.now() - startedAt);
      this.#running = false;
      if (this.#queue.length > 0) this.#next();
    });
  }

  #adapt(tookMs: number): void {
    if (tookMs > longMs) this.#portion = Math.max(1, this.#portion >> 1);
    else if (tookMs < shortMs) this.#portion = Math.min(mostAtOnce, this.#portion * 2);
  }
}

/** Cuts what a socket receives into frames; a peer that sends garbage is hung up on. */
export const receiveFrames = (socket: Socket, take: (frame: Frame) => void): void => {
  const decoder = new FrameDecoder();
  const intake = new Intake(take);
  socket.on('data', (chunk: Buffer) => {
    try {
      intake.push(decoder.push(chunk));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
};
