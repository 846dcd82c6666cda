import type { Socket } from 'node:net';
import { badMessage } from '../../protocol/errors.ts';
import { type Frame, FrameDecoder } from '../../protocol/rpc/frame.ts';

const longUs = 4_000;
const shortUs = 1_000;
const mostAtOnce = 256;

type Ends = { readonly take: (frame: Frame) => void; readonly fail: (error: unknown) => void };

/**
 * Takes frames in portions, so that timers and other sockets get their turn between them: a
 * hundred calls that compute for 10 ms each and arrive in one chunk would else hold the event
 * loop for a second. A portion halves when it took long and doubles when it was short; what counts
 * is this thread's own time, as on a busy machine a portion may take long and cost nothing.
 */
class Intake {
  readonly #ends: Ends;
  readonly #queue: Frame[] = [];
  #portion = 16;
  #running = false;

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  push(frames: readonly Frame[]): void {
    if (frames.length === 0) return;
    this.#queue.push(...frames);
    if (!this.#running) this.#next();
  }

  #next(): void {
    const before = process.threadCpuUsage();
    this.#takePortion();
    this.#running = true;
    setImmediate(() => {
      // By now the promises that the portion settled have run as well.
      const { user, system } = process.threadCpuUsage(before);
      this.#adapt(user + system);
      this.#running = false;
      if (this.#queue.length > 0) this.#next();
    });
  }

  /** A frame that makes no sense ends the link; nobody waits for those behind it. */
  #takePortion(): void {
    try {
      for (const frame of this.#queue.splice(0, this.#portion)) this.#ends.take(frame);
    } catch (error) {
      this.#queue.length = 0;
      this.#ends.fail(error);
    }
  }

  #adapt(tookUs: number): void {
    if (tookUs > longUs) this.#portion = Math.max(1, this.#portion >> 1);
    else if (tookUs < shortUs) this.#portion = Math.min(mostAtOnce, this.#portion * 2);
  }
}

/** A frame that has begun must end within this time; far longer than any event loop is blocked. */
const halfFrameMs = 30_000;

export type Reception = { readonly halfFrameMs: number };

/** Cuts what a socket receives into frames; a peer that sends garbage is hung up on. */
export const receiveFrames = (
  socket: Socket,
  take: (frame: Frame) => void,
  options: Reception = { halfFrameMs },
): void => {
  const decoder = new FrameDecoder();
  const fail = (error: unknown): void =>
    void socket.destroy(error instanceof Error ? error : undefined);
  const intake = new Intake({ take, fail });
  let waits = false;
  socket.on('data', (chunk: Buffer) => {
    try {
      intake.push(decoder.push(chunk));
    } catch (error) {
      fail(error);
    }
    if (waits === decoder.isInside) return;
    waits = decoder.isInside;
    socket.setTimeout(waits ? options.halfFrameMs : 0);
  });
  socket.on('timeout', () => fail(badMessage('The peer', 'half a frame')));
};
