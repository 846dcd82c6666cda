import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeFrame, type Frame, FrameDecoder, frameTypes } from '../../protocol/rpc/frame.ts';
import { type CallHandler, now } from './calls.ts';
import { Outbox } from './outbox.ts';
import { packError, packValue, unpackCall } from './payload.ts';

export type RpcServer = {
  readonly inFlight: () => number;
  /** Tells every peer to call elsewhere; resolves when nothing is in flight. */
  readonly drain: () => Promise<void>;
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
    drain: () => answering.drain(),
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
  readonly #sockets = new Map<Socket, Outbox>();
  #drained: (() => void) | undefined;
  inFlight = 0;

  constructor(handler: CallHandler) {
    this.#handler = handler;
  }

  serve(socket: Socket): void {
    const decoder = new FrameDecoder();
    const outbox = new Outbox(socket);
    this.#sockets.set(socket, outbox);
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of decoder.push(chunk)) this.#take(frame, outbox);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    // A peer that hangs up is that peer's business; its calls run to their end unheard.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }

  drain(): Promise<void> {
    for (const outbox of this.#sockets.values()) {
      outbox.push(encodeFrame({ ...empty, type: frameTypes.goaway }));
    }
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  hangUp(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #take(frame: Frame, outbox: Outbox): void {
    if (frame.type === frameTypes.call) void this.#answer(frame, outbox);
  }

  async #answer(frame: Frame, outbox: Outbox): Promise<void> {
    const waited = now() - frame.sentAt;
    // The caller has given up already: to run it would be work for nobody.
    if (frame.deadlineMs > 0 && waited > frame.deadlineMs) return;
    this.inFlight += 1;
    const { type, payload } = await this.#run(frame, waited);
    this.inFlight -= 1;
    outbox.push(encodeFrame({ ...empty, type, id: frame.id, payload }));
    if (this.inFlight === 0) this.#drained?.();
  }

  async #run(frame: Frame, waited: number): Promise<Pick<Frame, 'type' | 'payload'>> {
    try {
      const value = await this.#handler({
        ...unpackCall(frame.payload),
        sentAt: frame.sentAt,
        deadlineMs: frame.deadlineMs === 0 ? 0 : frame.deadlineMs - Math.max(0, waited),
        traceparent: frame.traceparent,
      });
      return { type: frameTypes.reply, payload: packValue(value) };
    } catch (error) {
      return { type: frameTypes.error, payload: packError(error) };
    }
  }
}

const empty: Frame = {
  type: frameTypes.reply,
  id: 0,
  deadlineMs: 0,
  sentAt: 0,
  traceparent: '',
  payload: new Uint8Array(0),
};
