import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isEventStream } from '../../protocol/event-stream.ts';
import { closeAfter, type Exchange, isHttp2 } from '../front/exchange.ts';
import { Crowd } from '../rpc/under-way/crowd.ts';

const flushMs = 500;

/** Raw answers under way and sockets taken over, and what is open on the socket behind the ingress. */
export class RawTraffic {
  readonly #connections = new Set<Socket>();
  readonly #exchanges = new Crowd<Exchange>();
  /** Socket that a service has taken over → how it is told to go elsewhere, until it was. */
  readonly #upgraded = new Map<Duplex, (() => void) | undefined>();
  #isDraining = false;
  readonly #gone = new Set<() => void>();

  watch(server: Server): void {
    server.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.once('close', () => {
        this.#connections.delete(socket);
        if (this.#connections.size === 0) for (const resolve of this.#gone) resolve();
      });
    });
  }

  began(exchange: Exchange): void {
    const { request, response } = exchange;
    this.#exchanges.add(exchange);
    response.once('close', () => this.#exchanges.delete(exchange));
    if (isHttp2(request)) return;
    // Set in any case: only then does Node remember the headers that `writeHead` sends.
    const isAsked = !response.shouldKeepAlive || response.getHeader('connection') === 'close';
    const isClosing = this.#isDraining || isAsked;
    response.setHeader('connection', isClosing ? 'close' : 'keep-alive');
  }

  upgraded(socket: Duplex, onDrain: () => void): void {
    this.#upgraded.set(socket, onDrain);
    socket.once('close', () => this.#upgraded.delete(socket));
    if (this.#isDraining) this.sendAway();
  }

  /** Sockets are told once to come again, to another worker. */
  sendAway(): void {
    for (const [socket, onDrain] of this.#upgraded) {
      this.#upgraded.set(socket, undefined);
      onDrain?.();
    }
  }

  /** Lame duck: every answer closes its connection, sockets are told, nothing is reset. */
  drain(): void {
    this.#isDraining = true;
    for (const exchange of this.#exchanges.list()) closeAfter(exchange);
    this.sendAway();
  }

  /**
   * Resolves when no connection is open. An ingress that has left this worker closes those that
   * it does not use, so that none is closed under a request that is on its way.
   */
  drained(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#gone.add(resolve));
  }

  /** The time to drain is over: event streams end between two events, the rest is cut. */
  async end(): Promise<void> {
    for (const { response } of this.#exchanges.list()) endStream(response);
    for (const socket of this.#upgraded.keys()) socket.end();
    const limit = setTimeout(() => this.#cut(), flushMs);
    await this.drained();
    clearTimeout(limit);
  }

  #cut(): void {
    for (const socket of this.#connections) socket.destroy();
  }
}

/** Events have no last one. Of any other body a client must see that the rest is missing. */
export const endStream = (response: ServerResponse): void => {
  if (!response.headersSent || !isEventStream(response.getHeader('content-type'))) {
    response.destroy();
    return;
  }
  // The service may still write to it: that is no mistake of its own.
  response.on('error', () => undefined);
  response.end();
};
