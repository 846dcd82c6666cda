import type { OnReadOpts, Socket } from 'node:net';
import { badMessage } from '../../../protocol/errors.ts';
import { FrameDecoder, type ReceivedFrame } from '../../../protocol/rpc/frame.ts';
import { now } from '../calls.ts';
import { HalfFrames } from './half-frames.ts';

const longMs = 4;
const shortMs = 1;
/**
 * What a portion led to is written behind it: the peer works at that while this process goes on. So
 * of few frames half is a portion; of many a larger one, as each costs a write here and a read there.
 */
const fewAtOnce = 32;
const mostAtOnce = 128;

/** Of frames that came together, and when their turn was. */
type Take = (frame: ReceivedFrame, at: number) => void;
type Ends = { readonly take: Take; readonly fail: (error: unknown) => void };

/**
 * Takes frames in portions, so that timers and other sockets get their turn between them: a
 * hundred calls that compute for 10 ms each and arrive in one chunk would else hold the event
 * loop for a second. A portion halves when it took long and doubles when it was short. On a busy
 * machine one may take long and cost nothing: after a long one this thread's own time is counted.
 */
class Intake {
  readonly #ends: Ends;
  readonly #queue: ReceivedFrame[] = [];
  #portion = 16;
  /** The last portion took long. */
  #isSuspect = false;
  #running = false;

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  push(frames: readonly ReceivedFrame[]): void {
    if (frames.length === 0) return;
    this.#queue.push(...frames);
    if (!this.#running) this.#next();
  }

  /** Those whose turn has not come outlast the chunk that they came in. */
  outlast(chunk: Buffer): void {
    const within = this.#queue.filter((frame) => frame.isIn(chunk));
    if (within.length === 0) return;
    const copy = Buffer.from(chunk);
    for (const frame of within) frame.move(copy);
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
    const half = Math.max(fewAtOnce, this.#queue.length >> 1);
    try {
      for (const frame of this.#queue.splice(0, Math.min(half, this.#portion))) {
        this.#ends.take(frame, at);
      }
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

type ReceptionOptions = { readonly halfFrameMs: number };

/** What all links read into, one after the other: nothing of it is kept when it has been read. */
const lent = Buffer.allocUnsafeSlow(64 * 1024);

/** Cuts what a socket receives into frames; a peer that sends garbage is hung up on. */
export class Reception {
  readonly #decoder = new FrameDecoder();
  readonly #intake: Intake;
  readonly #halves: HalfFrames;
  #socket: Socket | undefined;
  /** For a socket that is still to be made; others read into memory of their own. */
  readonly lending: OnReadOpts = {
    buffer: lent,
    callback: (length) => {
      const chunk = lent.subarray(0, length);
      this.#heard(chunk);
      this.#intake.outlast(chunk);
      return true;
    },
  };

  constructor(take: Take, { halfFrameMs: forMs }: ReceptionOptions = { halfFrameMs }) {
    const fail = (error: unknown): void =>
      void this.#socket?.destroy(error instanceof Error ? error : undefined);
    this.#intake = new Intake({ take, fail });
    this.#halves = new HalfFrames(forMs, () => fail(badMessage('The peer', 'half a frame')));
  }

  read(socket: Socket): void {
    this.#socket = socket;
    // Of a socket that reads into what it was lent there is none.
    socket.on('data', (chunk: Buffer) => this.#heard(chunk));
    socket.on('close', () => this.#halves.close());
  }

  #heard(chunk: Buffer): void {
    try {
      this.#intake.push(this.#decoder.push(chunk));
    } catch (error) {
      this.#socket?.destroy(error instanceof Error ? error : undefined);
    }
    this.#halves.heard(this.#decoder.isInside);
  }
}

/** As the end that was dialled has it, whose socket is there already. */
export const receiveFrames = (socket: Socket, take: Take, options?: ReceptionOptions): void =>
  new Reception(take, options).read(socket);
