import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { answerUnread } from '../../protocol/call-errors.ts';
import { cancelled, unavailable } from '../../protocol/errors.ts';
import { emptyFrame, type Frame, frameTypes, linkVersion } from '../../protocol/rpc/frame.ts';
import {
  type CallHandler,
  type InboundCall,
  isForJson,
  justNow,
  now,
  type Refused,
  targetOf,
} from './calls.ts';
import type { Speaker } from './identity/speaker.ts';
import { Inbound, type Peer } from './inbound.ts';
import { isStream } from './streams/stream.ts';
import { Streams } from './streams/streams.ts';
import { CalledTable } from './under-way/called.ts';
import { waitedUntil } from './waited.ts';
import { receiveFrames } from './wire/intake.ts';
import { Outbox } from './wire/outbox.ts';
import { nothing, type Packed, packError, packForJson, packValue } from './wire/payload.ts';

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
  more: Pick<Serving, 'speakers' | 'refused'> = {},
): Promise<RpcServer> => {
  rmSync(path, { force: true });
  const rpc = await serveRpcOn(createServer, { listen: { path }, handler, ...more });
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
  readonly refused?: Refused | undefined;
};

/** The same on a server of any kind: it makes one from what serves a socket. */
export const serveRpcOn = async (
  make: (serve: (socket: Socket) => void) => Server,
  { listen, ...serving }: Serving,
): Promise<RpcServer> => {
  const answering = new Answering(serving);
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

class Answering {
  readonly #handler: CallHandler;
  readonly #speakers: Speaking | undefined;
  readonly #refused: Refused | undefined;
  readonly #peers = new Map<Socket, Peer>();
  #isLeaving = false;
  readonly #dismissed = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  inFlight = 0;

  constructor({ handler, speakers, refused }: Omit<Serving, 'listen'>) {
    this.#handler = handler;
    this.#speakers = speakers;
    this.#refused = refused;
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
      running: new CalledTable(),
      hangUp: () => {
        outbox.flush();
        socket.destroySoon();
      },
    };
    this.#peers.set(socket, peer);
    if (this.#isLeaving) sayGoaway(peer);
    receiveFrames(socket, (frame) => {
      this.#take(frame, peer);
      if (outbox.backlog >= longUnread) socket.pause();
    });
    socket.on('drain', () => socket.resume());
    // A peer that hangs up is that peer's business; nobody hears the end of its calls.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#peers.delete(socket);
      for (const { cancellation } of peer.running.list()) cancellation.cancel();
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
        peer.running.find(frame.id)?.cancellation.cancel();
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
    peer.hangUp();
  }

  #answer(frame: Frame, peer: Peer): void {
    if (peer.isRefused) return;
    const takenAt = now();
    const waited = waitedUntil(takenAt, frame.sentAt);
    // The caller has given up already: to run it would be work for nobody.
    if (frame.deadlineMs > 0 && waited > frame.deadlineMs) return;
    this.inFlight += 1;
    const inbound = new Inbound(frame.id, peer);
    try {
      const value = this.#run(inbound.read(frame, takenAt, waited), peer);
      if (value instanceof Promise) this.#await(inbound, value);
      // Whoever ran it has looked at the clock when it was done.
      else this.#reply(inbound, value, justNow());
    } catch (error) {
      this.#fail(inbound, error);
    }
  }

  #run(call: InboundCall, { speaker }: Peer): unknown {
    return speaker === undefined ? this.#handler(call) : speaker.pass(call, this.#handler);
  }

  #await(inbound: Inbound, value: Promise<unknown>): void {
    inbound.goesOn();
    value.then(
      (settled) => this.#reply(inbound, settled, now()),
      (error) => this.#fail(inbound, error),
    );
  }

  #reply(inbound: Inbound, value: unknown, at: number): void {
    try {
      if (isStream(value)) this.#stream(inbound, value);
      else {
        if (inbound.peer.outbox.backlog >= mostUnread) throw answerUnread(targetOf(inbound));
        const payload = isForJson(inbound) ? packForJson(value) : packValue(value);
        // To write down a short one takes less than to ask when that was done.
        const sentAt = payload.end - payload.start < longBytes ? at : now();
        push(inbound, { type: frameTypes.reply, sentAt }, payload);
        this.#ended(inbound);
      }
    } catch (error) {
      this.#refused?.(inbound, error);
      this.#fail(inbound, error);
    }
  }

  #fail(inbound: Inbound, error: unknown): void {
    const head = { type: frameTypes.error, sentAt: now() };
    try {
      push(inbound, head, packError(error));
    } catch (tooLarge) {
      push(inbound, head, packError(tooLarge));
    }
    this.#ended(inbound);
  }

  /** The call is under way until the stream has ended. */
  #stream(inbound: Inbound, source: AsyncIterable<unknown>): void {
    const { id, peer, isAwaited, cancellation } = inbound;
    if (!isAwaited || cancellation.isCancelled) {
      this.#ended(inbound);
      return;
    }
    peer.streams.send(id, source, {
      pack: isForJson(inbound) ? packForJson : packValue,
      refused: (error) => this.#refused?.(inbound, error),
      done: () => this.#ended(inbound),
    });
    inbound.goesOn();
    push(inbound, { type: frameTypes.open, sentAt: now() }, nothing);
  }

  #ended(inbound: Inbound): void {
    const { id, peer } = inbound;
    this.inFlight -= 1;
    peer.running.delete(inbound);
    if (!peer.streams.isEmpty) peer.streams.drop(id);
    if (this.#isLeaving) this.#check();
  }
}

const longBytes = 4 * 1024;
/** A peer with so many bytes of answers unread is asked for no more calls until it has read them. */
const longUnread = 16 * 1024 * 1024;
/** Of the calls that it has sent before, the answers are kept up to this. */
const mostUnread = 64 * 1024 * 1024;

type Head = Pick<Frame, 'type' | 'sentAt'>;

const push = ({ id, peer }: Inbound, { type, sentAt }: Head, payload: Packed): void =>
  peer.outbox.push({ type, id, deadlineMs: 0, sentAt, traceparent: '' }, payload);

const sayGoaway = ({ outbox }: Peer): void =>
  outbox.push({ ...emptyFrame, type: frameTypes.goaway }, nothing);
