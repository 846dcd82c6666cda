import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { cancelled, unavailable } from '../../protocol/errors.ts';
import {
  emptyFrame,
  type Frame,
  type FrameType,
  frameTypes,
  linkVersion,
} from '../../protocol/rpc/frame.ts';
import { type CallHandler, type InboundCall, isAwaited, now } from './calls.ts';
import { Cancellation } from './cancellation.ts';
import type { Speaker } from './identity/speaker.ts';
import { receiveFrames } from './intake.ts';
import { Outbox } from './outbox.ts';
import { nothing, type Packed, packError, packValue, unpackCall } from './payload.ts';
import { isStream } from './streams/stream.ts';
import { Streams } from './streams/streams.ts';
import { leftOf, waitedUntil } from './waited.ts';

export type RpcServer = {
  readonly address: Server['address'];
  readonly inFlight: () => number;
  /** Tells every peer to call elsewhere; resolves when each has answered that it does. */
  readonly dismiss: () => Promise<void>;
  /** Resolves when every peer is dismissed and nothing is in flight. */
  readonly drained: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Answers calls on a Unix socket. Which methods may be called is the handler's business. */
export const serveRpc = async (
  path: string,
  handler: CallHandler,
  speakers?: Speaking,
): Promise<RpcServer> => {
  rmSync(path, { force: true });
  const rpc = await serveRpcOn(createServer, { listen: { path }, handler, speakers });
  chmodSync(path, 0o600);
  return rpc;
};

/** Tells of each peer who it is, by how it introduced itself. */
type Speaking = { readonly of: (introduction: Uint8Array) => Speaker };

type Serving = {
  readonly listen: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly handler: CallHandler;
  /** Without, everybody is believed: over TLS there is a certificate instead. */
  readonly speakers?: Speaking | undefined;
};

/** The same on a server of any kind: it makes one from what serves a socket. */
export const serveRpcOn = async (
  make: (serve: (socket: Socket) => void) => Server,
  { listen, handler, speakers }: Serving,
): Promise<RpcServer> => {
  const answering = new Answering(handler, speakers);
  const server = make((socket) => answering.serve(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listen, resolve);
  });
  return {
    address: () => server.address(),
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
  readonly streams: Streams;
  /** It has said that it sends no more calls. */
  done: boolean;
  /** It speaks another version. */
  isRefused: boolean;
  speaker: Speaker | undefined;
  readonly hangUp: () => void;
  /** Calls of it that are running, and that somebody waits for. */
  readonly running: Map<number, Cancellation>;
};

class Answering {
  readonly #handler: CallHandler;
  readonly #speakers: Speaking | undefined;
  readonly #peers = new Map<Socket, Peer>();
  #isLeaving = false;
  readonly #dismissed = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  inFlight = 0;

  constructor(handler: CallHandler, speakers: Speaking | undefined) {
    this.#handler = handler;
    this.#speakers = speakers;
  }

  serve(socket: Socket): void {
    const outbox = new Outbox(socket);
    const streams = new Streams(outbox);
    const peer: Peer = {
      outbox,
      streams,
      done: false,
      isRefused: false,
      speaker: this.#speakers?.of(nothing),
      running: new Map(),
      hangUp: () => socket.destroySoon(),
    };
    this.#peers.set(socket, peer);
    if (this.#isLeaving) sayGoaway(peer);
    receiveFrames(socket, (frame) => this.#take(frame, peer));
    // A peer that hangs up is that peer's business; nobody hears the end of its calls.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#peers.delete(socket);
      for (const cancellation of peer.running.values()) cancellation.cancel();
      streams.close(unavailable('the caller', 'maybe', 'its process ended'));
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
    for (const peer of this.#peers.values()) peer.hangUp();
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
      case frameTypes.upload:
        this.#answer(frame, peer);
        return;
      case frameTypes.cancel:
      case frameTypes.stop:
        peer.running.get(frame.id)?.cancel();
        peer.streams.drop(frame.id, cancelled('the call'));
        return;
      case frameTypes.data:
      case frameTypes.end:
      case frameTypes.reset:
      case frameTypes.window:
        peer.streams.take(frame);
        return;
      case frameTypes.goaway:
        peer.done = true;
        this.#check();
        return;
      case frameTypes.hello:
        this.#greet(frame, peer);
        return;
      case frameTypes.ping:
        peer.outbox.push({ ...emptyFrame, type: frameTypes.ping }, nothing);
        return;
      case frameTypes.reply:
      case frameTypes.error:
      case frameTypes.open:
        // Nothing that the answering end is told.
        return;
    }
  }

  /** Who speaks another version is told which one this is, and nothing that it asks is done. */
  #greet({ id, payload }: Frame, peer: Peer): void {
    peer.outbox.push({ ...emptyFrame, type: frameTypes.hello, id: linkVersion }, nothing);
    if (id === linkVersion) {
      peer.speaker = this.#speakers?.of(payload);
      return;
    }
    peer.isRefused = true;
    // Behind what the outbox writes at the end of this turn.
    process.nextTick(() => peer.hangUp());
  }

  #answer(frame: Frame, peer: Peer): void {
    if (peer.isRefused) return;
    const takenAt = now();
    const waited = waitedUntil(takenAt, frame.sentAt);
    // The caller has given up already: to run it would be work for nobody.
    if (frame.deadlineMs > 0 && waited > frame.deadlineMs) return;
    this.inFlight += 1;
    const answer: Answer = { id: frame.id, peer };
    try {
      const value = this.#run(frame, { takenAt, waited, peer });
      if (value instanceof Promise) {
        value.then(
          (settled) => this.#reply(answer, settled),
          (error) => this.#fail(answer, error),
        );
      } else this.#reply(answer, value);
    } catch (error) {
      this.#fail(answer, error);
    }
  }

  #run(frame: Frame, { takenAt, waited, peer }: Taken): unknown {
    const { kind, service, method, args, from, carried } = unpackCall(frame.payload);
    const cancellation = new Cancellation();
    if (isAwaited(kind)) peer.running.set(frame.id, cancellation);
    const upload = frame.type === frameTypes.upload ? [peer.streams.receive(frame.id)] : [];
    const call: InboundCall = {
      kind,
      service,
      method,
      args: upload.length > 0 ? [...args, ...upload] : args,
      from,
      carried,
      cancellation,
      takenAt,
      sentAt: takenAt - waited,
      deadlineMs: leftOf(frame.deadlineMs, waited),
      traceparent: frame.traceparent,
    };
    const { speaker } = peer;
    return speaker === undefined ? this.#handler(call) : speaker.pass(call, this.#handler);
  }

  #reply(answer: Answer, value: unknown): void {
    try {
      if (isStream(value)) this.#stream(answer, value);
      else {
        push(answer, frameTypes.reply, packValue(value));
        this.#ended(answer);
      }
    } catch (error) {
      this.#fail(answer, error);
    }
  }

  #fail(answer: Answer, error: unknown): void {
    try {
      push(answer, frameTypes.error, packError(error));
    } catch (tooLarge) {
      push(answer, frameTypes.error, packError(tooLarge));
    }
    this.#ended(answer);
  }

  /** The call is under way until the stream has ended. */
  #stream(answer: Answer, source: AsyncIterable<unknown>): void {
    const { id, peer } = answer;
    if (peer.running.get(id)?.isCancelled !== false) {
      this.#ended(answer);
      return;
    }
    push(answer, frameTypes.open, nothing);
    peer.streams.send(id, source, () => this.#ended(answer));
  }

  #ended({ id, peer }: Answer): void {
    this.inFlight -= 1;
    peer.running.delete(id);
    if (!peer.streams.isEmpty) peer.streams.drop(id);
    if (this.#isLeaving) this.#check();
  }
}

type Answer = { readonly id: number; readonly peer: Peer };
type Taken = {
  readonly takenAt: number;
  readonly waited: number;
  readonly peer: Peer;
};

const push = ({ id, peer }: Answer, type: FrameType, payload: Packed): void =>
  peer.outbox.push({ type, id, deadlineMs: 0, sentAt: now(), traceparent: '' }, payload);

const sayGoaway = ({ outbox }: Peer): void =>
  outbox.push({ ...emptyFrame, type: frameTypes.goaway }, nothing);
