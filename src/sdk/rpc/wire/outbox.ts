import type { Socket } from 'node:net';
import { type Frame, sizeOf, writeHead } from '../../../protocol/rpc/frame.ts';
import { copyToWrite, giveBack, isSpare } from './buffer-pool.ts';
import type { Packed } from './payload.ts';

const bufferBytes = 64 * 1024;
/** From here on a payload is written as it is, not copied in between the others. */
const largeBytes = 16 * 1024;
/** About what the system holds for a peer. Of more a stream would only fill the memory. */
const fullBytes = 128 * 1024;

export type Schedule = (flush: () => void) => unknown;

export type Head = Omit<Frame, 'payload'>;

/** Collects the frames of one turn and hands them to the socket in one write. */
export class Outbox {
  readonly #socket: Socket;
  readonly #schedule: Schedule;
  readonly #full: Buffer[] = [];
  #buffer = Buffer.allocUnsafeSlow(bufferBytes);
  /** What is before it left with an earlier write, which may still be under way. */
  #start = 0;
  #end = 0;
  #isScheduled = false;
  /** Pushed in this turn. */
  #held = 0;
  #room: PromiseWithResolvers<void> | undefined;
  readonly #flush = (): void => this.#write();

  /** `schedule` runs at the end of what counts as one turn. */
  constructor(socket: Socket, schedule: Schedule = process.nextTick) {
    this.#socket = socket;
    this.#schedule = schedule;
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
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.#flush);
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

  #write(): void {
    this.#isScheduled = false;
    this.#held = 0;
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
}
