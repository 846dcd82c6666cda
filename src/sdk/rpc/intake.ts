import type { Socket } from 'node:net';
import { badMessage } from '../../protocol/errors.ts';
import { type Frame, FrameDecoder } from '../../protocol/rpc/frame.ts';
import { now } from './calls.ts';
import { HalfFrames } from './half-frames.ts';

const longMs = 4;
const shortMs = 1;
const mostAtOnce = 256;

/** Of frames that came together, and when their turn was. */
type Take = (frame: Frame, at: number) => void;
type Ends = { readonly take: Take; readonly fail: (error: unknown) => void };

/**
 * Takes frames in portions, so that timers and other sockets get their turn between them: a
 * hundred calls that compute for 10 ms each and arrive in one chunk would else hold the event
 * loop for a second. A portion halves when it took long and doubles when it was short. On a busy
 * machine one may take long and cost nothing: after a long one this thread's own time is counted.
 */
class Intake {
  readonly #ends: Ends;
  readonly #queue: Frame[] = [];
  #portion = 16;
  /** The last portion took long. */
  #isSuspect = false;
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
    const startedAt = now();
    const before = this.#isSuspect ? process.threadCpuUsage() : undefined;
    this.#takePortion(startedAt);
    this.#running = true;
    setImmediate(() => {
      // By now the promises that the portion settled have run as well.
      this.#adapt(now() - startedAt, before);
      this.#running = false;
      if (this.#queue.length > 0) this.#next();
    });
  }

  /** A frame that makes no sense ends the link; nobody waits for those behind it. */
  #takePortion(at: number): void {
    try {
      for (const frame of this.#queue.splice(0, this.#portion)) this.#ends.take(frame, at);
    } catch (error) {
      this.#queue.length = 0;
      this.#ends.fail(error);
    }
  }

  #adapt(tookMs: number, before: NodeJS.CpuUsage | undefined): void {
    this.#isSuspect = tookMs > longMs;
    if (tookMs < shortMs) this.#portion = Math.min(mostAtOnce, this.#portion * 2);
    if (!this.#isSuspect || before === undefined) return;
    const { user, system } = process.threadCpuUsage(before);
    if (user + system > longMs * 1_000) this.#portion = Math.max(1, this.#portion >> 1);
  }
}

/** A frame that has begun must end within this time; far longer than any event loop is blocked. */
const halfFrameMs = 30_000;

export type Reception = { readonly halfFrameMs: number };

/** Cuts what a socket receives into frames; a peer that sends garbage is hung up on. */
export const receiveFrames = (
  socket: Socket,
  take: Take,
  options: Reception = { halfFrameMs },
): void => {
  const decoder = new FrameDecoder();
  const fail = (error: unknown): void =>
    void socket.destroy(error instanceof Error ? error : undefined);
  const intake = new Intake({ take, fail });
  const halves = new HalfFrames(options.halfFrameMs, () =>
    fail(badMessage('The peer', 'half a frame')),
  );
  socket.on('data', (chunk: Buffer) => {
    try {
      intake.push(decoder.push(chunk));
    } catch (error) {
      fail(error);
    }
    halves.heard(decoder.isInside);
  });
  socket.on('close', () => halves.close());
};
