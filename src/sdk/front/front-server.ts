import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Http2Server } from 'node:http2';
import net, { type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { HttpSettings } from '../../protocol/http.ts';
import { Certificates } from './certificates.ts';
import type { Clients } from './clients.ts';
import { DeafClients } from './deaf-clients.ts';
import { Exchange } from './exchange.ts';
import { restMs, serverLimits } from './slow-clients.ts';
import { countMoves } from './stream-moves.ts';
import { endHearing, refuseUnreadable } from './unreadable.ts';

const http = process.getBuiltinModule('node:http');

export type Front = {
  readonly http: HttpSettings;
  readonly clients: Clients;
  readonly serve: (exchange: Exchange) => void;
  readonly mayUpgrade: (request: IncomingMessage) => boolean;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** The bytes of an answer to what is no request. */
  readonly refusalText: (status: number, message: string) => string;
  /** Nobody reads a request that has no body, not even to find that out. */
  readonly skipsEmptyBodies: boolean;
};

/** What the header `Keep-Alive` of an answer says, which Node takes from its server. */
type Kept = { _keepAliveTimeout: number };

const lookForSilentMs = 5_000;
const mostStreams = 128;
/** So many requests may be taken back at once, and so many a second: whoever takes back more wants only the work. */
const takenBack = { streamResetBurst: 2 * mostStreams, streamResetRate: 33 };
const refusedConnect =
  'HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/** Node has let go of this socket, and of its errors: whoever hangs up meanwhile would end the process. */
const refuseConnect = (socket: Socket): void => {
  socket.on('error', () => undefined);
  endHearing(socket, refusedConnect);
};

/** One port: HTTP/1 in the clear, or HTTP/1 and HTTP/2 over TLS. */
export class FrontServer {
  #front: Front;
  readonly #certificates: Certificates | undefined;
  readonly #server: Server;
  readonly #deaf = new DeafClients();
  #looking: NodeJS.Timeout | undefined;
  readonly #lookingForSilent: NodeJS.Timeout;

  constructor(front: Front) {
    const { tls, limits } = front.http;
    this.#front = front;
    this.#certificates = tls === undefined ? undefined : new Certificates(tls);
    this.#server =
      this.#certificates === undefined
        ? this.#createPlain()
        : this.#createSecure(this.#certificates);
    this.#server.maxConnections = limits.connections;
    this.#server.on('upgrade', front.upgrade);
    // It listens on TCP alone, and TLS is a socket too.
    this.#server.on('connect', (_request, socket) => refuseConnect(socket as Socket));
    this.#server.on('clientError', (error, socket) =>
      refuseUnreadable(error, socket as Socket, front.refusalText),
    );
    this.#server.on('timeout', (socket: Socket) => {
      // What a service is still working at is no stall of the client.
      if (socket.writableLength > 0 || front.clients.isIdle(socket)) socket.destroy();
    });
    this.#lookEvery(limits.stall);
    const look = (): void => front.clients.closeSilent(restMs);
    this.#lookingForSilent = setInterval(look, lookForSilentMs).unref();
  }

  /** What a server that listens can change: everything but TLS, HTTP/2 and the size of a head. */
  change(settings: HttpSettings): void {
    this.#front = { ...this.#front, http: settings };
    const { limits } = settings;
    this.#server.maxConnections = limits.connections;
    this.#server.headersTimeout = limits.headTime;
    this.#lookEvery(limits.stall);
  }

  listen(descriptor: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen({ fd: descriptor }, resolve);
    });
  }

  /** That of `http.Server` would also close connections on which a request is on its way. */
  stopAccepting(): void {
    net.Server.prototype.close.call(this.#server);
  }

  close(): void {
    this.#certificates?.close();
    clearInterval(this.#looking);
    clearInterval(this.#lookingForSilent);
  }

  /** Each time after what clients have taken meanwhile was heard of. */
  #lookEvery(stallMs: number): void {
    clearInterval(this.#looking);
    const look = (): void => this.#deaf.hangUp(this.#front.clients.underway());
    this.#looking = setInterval(() => setImmediate(look), stallMs).unref();
  }

  get #options(): ServerOptions {
    const { http: settings, mayUpgrade, skipsEmptyBodies } = this.#front;
    return {
      ...serverLimits(settings.limits),
      // The door refuses such requests as well, and says why.
      requireHostHeader: false,
      shouldUpgradeCallback: mayUpgrade,
      optimizeEmptyRequests: skipsEmptyBodies,
    };
  }

  readonly #request = (request: IncomingMessage, response: ServerResponse): void =>
    this.#front.serve(new Exchange(request, response));

  readonly #first = (request: IncomingMessage, response: ServerResponse): void => {
    (response as unknown as Kept)._keepAliveTimeout = restMs;
    this.#request(request, response);
  };

  #createPlain(): Server {
    const server = http.createServer(this.#options, this.#first);
    this.#front.clients.watch(server, 'connection');
    return server;
  }

  #createSecure(certificates: Certificates): Server {
    const https = process.getBuiltinModule('node:https');
    const isHttp2 = this.#front.http.http2;
    const server = https.createServer(
      {
        ...this.#options,
        ...certificates.first,
        ALPNProtocols: isHttp2 ? ['h2', 'http/1.1'] : ['http/1.1'],
        handshakeTimeout: this.#front.http.limits.headTime,
        SNICallback: (host, done) => {
          const context = certificates.find(host);
          if (context === undefined) done(new Error(`No certificate for ${host}`));
          else done(null, context);
        },
      },
      this.#first,
    );
    certificates.watch(() => server.setSecureContext(certificates.first));
    this.#front.clients.watch(server, 'secureConnection');
    if (isHttp2) this.#divide(server);
    return server;
  }

  /** The handshake says which of the two a client speaks. */
  #divide(server: Server): void {
    const second = this.#createHttp2();
    const first = server.listeners('secureConnection');
    server.removeAllListeners('secureConnection');
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol === 'h2') second.emit('connection', socket);
      else for (const listener of first) listener.call(server, socket);
    });
  }

  #createHttp2(): Http2Server {
    const { http: settings, clients } = this.#front;
    const server = process.getBuiltinModule('node:http2').createServer({
      ...takenBack,
      settings: { maxConcurrentStreams: mostStreams, maxHeaderListSize: settings.limits.head },
    });
    server.on('session', (session) => {
      clients.open(session);
      this.#deaf.watch(session);
      session.setTimeout(restMs, () => session.close());
      session.on('error', () => session.destroy());
    });
    server.on('stream', countMoves);
    // Its compatibility API has the shape of the messages of node:http.
    server.on('request', this.#request as unknown as () => void);
    return server;
  }
}
