import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import {
  emptyFrame,
  encodeFrame,
  type Frame,
  type FrameType,
  frameTypes,
} from '../../protocol/rpc/frame.ts';
import { type CallHandler, isAwaited, now } from './calls.ts';
import { Cancellation } from './cancellation.ts';
import { receiveFrames } from './intake.ts';
import { Outbox } from './outbox.ts';
import { packError, packValue, unpackCall } from './payload.ts';

export type RpcServer = {
  readonly inFlight: () => number;
  /** Tells every peer to call elsewhere; resolves when each has answered that it does. */
  readonly dismiss: () => Promise<void>;
  /** Resolves when every peer is dismissed and nothing is in flight. */
  readonly drained: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Answers calls on a Unix socket. Which methods may be called is the handler's business. */
export const serveRpc = async (path: string, handler: CallHandler): Promise<RpcServer> => {
  const answering = new Answering(handler);
  const server = createServer((socket) => answering.serve(socket));
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    inFlight: () => answering.inFlight,
    dismiss: () => answering.dismiss(),
    drained: () => answering.drained(),
    close: () => close(server, answering),
  };
};

const close = (server: Server, answering: Answering): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    answering.hangUp();
  });

type Peer = {
  readonly outbox: Outbox;
  /** It has said that it sends no more calls. */
  done: boolean;
  /** Calls of it that are running, and that somebody waits for. */
  readonly running: Map<number, Cancellation>;
};

class Answering {
  readonly #handler: CallHandler;
  readonly #peers = new Map<Socket, Peer>();
  #isLeaving = false;
  readonly #dismissed = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  inFlight = 0;

  constructor(handler: CallHandler) {
    this.#handler = handler;
  }

  serve(socket: Socket): void {
    const peer: Peer = { outbox: new Outbox(socket), done: false, running: new Map() };
    this.#peers.set(socket, peer);
    if (this.#isLeaving) sayGoaway(peer);
    receiveFrames(socket, (frame) => this.#take(frame, peer));
    // A peer that hangs up is that peer's business; nobody hears the end of its calls.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#peers.delete(socket);
      for (const cancellation of peer.running.values()) cancellation.cancel();
      this.#check();
    });
  }

  dismiss(): Promise<void> {
    this.#isLeaving = true;
    for (const peer of this.#peers.values()) sayGoaway(peer);
    this.#check();
    return this.#dismissed.promise;
  }

  drained(): Promise<void> {
    return this.#drained.promise;
  }

  /** What was answered still goes out. */
  hangUp(): void {
    for (const socket of this.#peers.keys()) socket.destroySoon();
  }

  /** A call may still be in a socket until its sender has answered the goaway. */
  #check(): void {
    if (!this.#isLeaving || ![...this.#peers.values()].every(({ done }) => done)) return;
    this.#dismissed.resolve();
    if (this.inFlight === 0) this.#drained.resolve();
  }

  #take(frame: Frame, peer: Peer): void {
    switch (frame.type) {
      case frameTypes.call:
        void this.#answer(frame, peer);
        return;
      case frameTypes.cancel:
        peer.running.get(frame.id)?.cancel();
        return;
      case frameTypes.goaway:
        peer.done = true;
        this.#check();
        return;
      case frameTypes.reply:
      case frameTypes.error:
      case frameTypes.ping:
        // Nothing that the answering end is told.
        return;
    }
  }

  async #answer(frame: Frame, peer: Peer): Promise<void> {
    const waited = waitedSince(frame.sentAt);
    // The caller has given up already: to run it would be work for nobody.
    if (frame.deadlineMs > 0 && waited > frame.deadlineMs) return;
    this.inFlight += 1;
    const answer = await this.#run(frame, waited, peer.running);
    this.inFlight -= 1;
    peer.running.delete(frame.id);
    peer.outbox.push(answer);
    this.#check();
  }

  async #run(frame: Frame, waited: number, running: Peer['running']): Promise<Buffer> {
    try {
      const call = unpackCall(frame.payload);
      const cancellation = new Cancellation();
      if (isAwaited(call.kind)) running.set(frame.id, cancellation);
      const value = await this.#handler({
        ...call,
        cancellation,
        sentAt: now() - waited,
        deadlineMs: leftOf(frame.deadlineMs, waited),
        traceparent: frame.traceparent,
      });
      return answerTo(frame, frameTypes.reply, packValue(value));
    } catch (error) {
      return errorTo(frame, error);
    }
  }
}

const longestMs = 24 * 60 * 60 * 1_000;

/** A moment that is none, or in another age, would spoil every sum that it enters. */
const waitedSince = (sentAt: number): number => {
  const waited = now() - sentAt;
  return waited > 0 && waited < longestMs ? waited : 0;
};

/** No caller waits longer than a day, whatever it says; 0 is no deadline. */
const leftOf = (deadlineMs: number, waited: number): number =>
  deadlineMs > 0 ? Math.max(1, Math.min(deadlineMs, longestMs) - waited) : 0;

const answerTo = ({ id }: Frame, type: FrameType, payload: Uint8Array): Buffer =>
  encodeFrame({ ...emptyFrame, type, id, sentAt: now(), payload });

const errorTo = (frame: Frame, error: unknown): Buffer => {
  try {
    return answerTo(frame, frameTypes.error, packError(error));
  } catch (tooLarge) {
    return answerTo(frame, frameTypes.error, packError(tooLarge));
  }
};

const sayGoaway = ({ outbox }: Peer): void =>
  outbox.push(encodeFrame({ ...emptyFrame, type: frameTypes.goaway }));
