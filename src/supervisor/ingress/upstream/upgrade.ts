import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { closeFrame, FrameTracker, isWebSocket } from '../../../protocol/websocket.ts';
import type { Upgrade } from '../../../sdk/front/door.ts';
import { passedOut } from '../../../sdk/front/headers.ts';
import { clientGone, type ForwardOptions, limitWait } from './proxy.ts';
import type { Upstream } from './upstreams.ts';

const http = process.getBuiltinModule('node:http');

export type UpgradeOptions = Pick<ForwardOptions, 'headers' | 'timeoutMs'> & {
  /** The tunnel stands; what is given ends it, a WebSocket with this close code. */
  readonly onOpen: (end: (code: number) => void) => void;
};

/** Hands an upgrade to a worker. Resolves when the worker has answered, with yes or no. */
export const upgradeTo = (
  upstream: Upstream,
  upgrade: Upgrade,
  options: UpgradeOptions,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const { request, socket, head } = upgrade;
    if (socket.destroyed) return reject(clientGone());
    const outbound = http.request({
      ...upstream.address,
      agent: upstream.agent,
      method: request.method,
      path: request.url,
      headers: {
        ...options.headers,
        connection: 'upgrade',
        upgrade: request.headers.upgrade,
      },
    });
    const abandon = (): void => void outbound.destroy();
    socket.once('close', abandon);
    outbound.once('upgrade', (answer, workerSocket, workerHead) => {
      // Agents make no other kind of socket for a path or a port.
      const worker = workerSocket as Socket;
      upstream.began(worker);
      socket.off('close', abandon);
      socket.write(headOf(answer, { connection: 'upgrade', upgrade: answer.headers.upgrade }));
      if (head.length > 0) socket.unshift(head);
      if (workerHead.length > 0) worker.unshift(workerHead);
      const tunnel = new Tunnel(socket, worker, isWebSocket(request.headers.upgrade));
      options.onOpen((code) => tunnel.end(code));
      resolve();
    });
    outbound.once('response', (answer) => {
      // Whoever took over the socket at the other end does not read a next request there.
      outbound.shouldKeepAlive = false;
      socket.write(headOf(answer, { connection: 'close' }));
      answer.pipe(socket);
      answer.once('close', () => (answer.complete ? socket.destroySoon() : reset(socket)));
      resolve();
    });
    outbound.once('error', (error) => {
      socket.off('close', abandon);
      reject(socket.destroyed ? clientGone() : upstream.failure(request.url ?? '/', error));
    });
    upstream.began(outbound);
    if (options.timeoutMs !== undefined) limitWait(outbound, options.timeoutMs);
    outbound.end();
  });

/** Of an answer without a length nothing else says that it is not all; TLS says so by its missing goodbye. */
const reset = (socket: Socket): void => {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
};

const headOf = (
  answer: IncomingMessage,
  ours: Readonly<Record<string, string | undefined>>,
): string => {
  const headers = Object.entries({ ...passedOut(answer.headers), ...ours }).flatMap(
    ([name, value]) => [value].flat().map((each) => `${name}: ${each}\r\n`),
  );
  return `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${headers.join('')}\r\n`;
};

/** Two sockets that are one: each reads no faster than the other one writes. */
class Tunnel {
  readonly #client: Socket;
  readonly #worker: Socket;
  readonly #frames: FrameTracker | undefined;
  #goodbye: Buffer | undefined;

  constructor(client: Socket, worker: Socket, isFramed: boolean) {
    this.#client = client;
    this.#worker = worker;
    this.#frames = isFramed ? new FrameTracker() : undefined;
    client.pipe(worker).pipe(client);
    worker.on('data', (chunk: Buffer) => this.#follow(chunk));
    // Resets are followed by `close`; what was written before still goes out.
    worker.on('error', () => undefined);
    worker.once('close', () => client.destroySoon());
    client.once('close', () => worker.destroy());
  }

  /** A frame that is half sent is completed first. */
  end(code: number): void {
    if (this.#frames === undefined) {
      this.#client.end();
      return;
    }
    this.#goodbye = closeFrame(code);
    this.#worker.unpipe(this.#client);
    if (this.#frames.isBetweenFrames) this.#client.end(this.#goodbye);
    else this.#worker.resume();
  }

  #follow(chunk: Buffer): void {
    const end = this.#frames?.push(chunk);
    if (this.#goodbye === undefined || !this.#client.writable) return;
    this.#client.write(chunk.subarray(0, end));
    if (end !== undefined) this.#client.end(this.#goodbye);
  }
}
