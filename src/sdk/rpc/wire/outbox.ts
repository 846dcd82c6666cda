import type { Socket } from 'node:net';
import { type Frame, sizeOf, writeHead } from '../../../protocol/rpc/frame.ts';
import { now } from '../calls.ts';
import { copyToWrite, giveBack, isSpare } from './buffer-pool.ts';
import type { Packed } from './payload.ts';

const bufferBytes = 64 * 1024;
/** From here on a payload is written as it is, not copied in between the others. */
const largeBytes = 16 * 1024;
/** About what the system holds for a peer. Of more a stream would only fill the memory. */
const fullBytes = 128 * 1024;

/**
 * One turn of the loop may bring many callbacks that each send something, as each HTTP request does:
 * it leaves in one write. A turn of more than this is not waited for, and for a while no other is.
 */
const patienceMs = 5;
const patiencePerFrameMs = 0.2;
const hurryMs = 1_000;

/** A process that ends in the middle of a turn still writes what it has answered. */
const holding = new Set<Outbox>();
process.on('exit', () => {
  for (const outbox of holding) outbox.flush();
});

export type Head = Omit<Frame, 'payload'>;

/** Collects the frames of one turn and hands them to the socket in one write. */
export class Outbox {
  readonly #socket: Socket;
  readonly #full: Buffer[] = [];
  #buffer = Buffer.allocUnsafeSlow(bufferBytes);
  /** What is before it left with an earlier write, which may still be under way. */
  #start = 0;
  #end = 0;
  /** Of the frames that are to be written, and since when they have been. */
  #frames = 0;
  #since = 0;
  #held = 0;
  /** Nobody waits for the end of a turn before. */
  #hurriedUntil = 0;
  #room: PromiseWithResolvers<void> | undefined;
  readonly #atEndOfCallback = (): void => this.flush();
  readonly #atEndOfTurn = (): void => {
    const at = now();
    const patience = Math.max(patienceMs, patiencePerFrameMs * this.#frames);
    if (at - this.#since > patience) this.#hurriedUntil = at + hurryMs;
    this.flush();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    const makeRoom = (): void => this.#makeRoom();
    socket.on('drain', makeRoom).on('close', makeRoom);
  }

  /** Bytes that the peer has not taken yet. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  /** Undefined as long as there is room for more of a stream, or when nobody reads it any more. */
  room(): Promise<void> | undefined {
    if (this.#held + this.backlog < fullBytes || this.#socket.destroyed) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  push(head: Head, payload: Packed): void {
    const payloadBytes = payload.end - payload.start;
    const isLarge = payloadBytes >= largeBytes;
    this.#makeBuffer(sizeOf(head.traceparent, isLarge ? 0 : payloadBytes));
    const at = writeHead(this.#buffer, { at: this.#end, payloadBytes }, head);
    this.#held += payloadBytes;
    if (isLarge) {
      this.#end = at;
      this.#cut();
      this.#full.push(copyToWrite(payload));
    } else {
      payload.copy(this.#buffer, at, payload.start, payload.end);
      this.#end = at + payloadBytes;
    }
    this.#frames += 1;
    if (this.#frames === 1) this.#schedule(isLarge);
    else if (isLarge) process.nextTick(this.#atEndOfCallback);
  }

  /** Writes what it holds, which nobody waits for any longer. */
  flush(): void {
    if (this.#frames === 0) return;
    this.#frames = 0;
    this.#held = 0;
    holding.delete(this);
    this.#cut();
    const parts = this.#full.splice(0);
    const socket = this.#socket;
    if (socket.destroyed) return;
    if (parts.length > 1) socket.cork();
    for (const part of parts) {
      if (isSpare(part)) socket.write(part, () => giveBack(part));
      else socket.write(part);
    }
    if (parts.length > 1) socket.uncork();
    if (socket.writableLength < fullBytes) this.#makeRoom();
    if (socket.writableLength > 0) return;
    // The system has copied all of it.
    this.#start = 0;
    this.#end = 0;
  }

  #schedule(isLarge: boolean): void {
    this.#since = now();
    holding.add(this);
    if (isLarge || this.#since < this.#hurriedUntil) process.nextTick(this.#atEndOfCallback);
    else setImmediate(this.#atEndOfTurn);
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #makeBuffer(size: number): void {
    if (this.#end + size <= bufferBytes) return;
    this.#cut();
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes);
    this.#start = 0;
    this.#end = 0;
  }

  #cut(): void {
    if (this.#end > this.#start) this.#full.push(this.#buffer.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
