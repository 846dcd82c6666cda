import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { badMessage } from '../../protocol/errors.ts';
import { encodeLine, LineDecoder } from '../../protocol/json-lines.ts';
import {
  type ToSupervisor,
  type ToWorker,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';

/** The first word on a connection: of a worker, or of its watchdog. */
export type Hello = Extract<ToSupervisor, { readonly type: 'hello' | 'watch' }>;

export type Link = {
  send(message: ToWorker): void;
  close(): void;
};

/** Who takes part: the worker that a hello names, or undefined for a stranger. */
export type Admission = (hello: Hello, link: Link) => Participant | undefined;

export interface Participant {
  receive(message: ToSupervisor): void;
  disconnected(link: Link): void;
}

/** Of all that a worker may say; the compiler misses whatever is left out. */
const messageTypes = Object.keys({
  hello: true,
  watch: true,
  health: true,
  blocked: true,
  unblocked: true,
  stalled: true,
  bound: true,
  ready: true,
  sample: true,
  rest: true,
  routed: true,
  drained: true,
  slowest: true,
  asked: true,
  observed: true,
} satisfies Record<ToSupervisor['type'], true>);

/** The Unix socket that workers dial. Garbage closes the one connection that it came on. */
export class Channel implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #path: string;

  private constructor(path: string, admit: Admission) {
    this.#path = path;
    this.#server = createServer((socket) => this.#accept(socket, admit));
  }

  static async listen(path: string, admit: Admission): Promise<Channel> {
    const channel = new Channel(path, admit);
    // What a killed supervisor left behind; the run directory is ours by now.
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      channel.#server.once('error', reject).listen(path, resolve);
    });
    chmodSync(path, 0o600);
    return channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    rmSync(this.#path, { force: true });
  }

  #accept(socket: Socket, admit: Admission): void {
    const decoder = new LineDecoder('A worker');
    const link: Link = {
      send: (message) => {
        if (socket.writable) socket.write(lineOf(message));
      },
      close: () => socket.destroy(),
    };
    let participant: Participant | undefined;
    const take = (message: ToSupervisor): void => {
      if (participant === undefined) participant = greet(message, link, admit);
      else participant.receive(message);
    };
    this.#sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      try {
        for (const message of decoder.push(chunk)) take(toMessage(message));
      } catch {
        // A peer that speaks nonsense is cut off; its process is supervised all the same.
        socket.destroy();
      }
    });
    // A reset is followed by `close`, which says all there is to say.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      participant?.disconnected(link);
    });
  }
}

const tables = new WeakMap<ToWorker, Buffer>();

/** A table goes to everybody, and may be long: it is written out once. */
const lineOf = (message: ToWorker): Buffer | string => {
  if (message.type !== 'routes') return encodeLine(message);
  const known = tables.get(message) ?? Buffer.from(encodeLine(message));
  tables.set(message, known);
  return known;
};

const greet = (message: ToSupervisor, link: Link, admit: Admission): Participant => {
  if (message.type !== 'hello' && message.type !== 'watch') {
    throw badMessage('A worker', 'its first message is no hello');
  }
  if (message.version !== workerProtocolVersion) {
    throw badMessage('A worker', `it speaks version ${message.version}`);
  }
  const participant = admit(message, link);
  if (participant === undefined) throw badMessage('A stranger', 'its hello names no worker');
  return participant;
};

const toMessage = (value: object): ToSupervisor => {
  const { type } = value as { readonly type?: unknown };
  if (typeof type !== 'string' || !messageTypes.includes(type)) {
    throw badMessage('A worker', `type ${String(type)} is unknown`);
  }
  // Workers are ours and of this version, as their hello said; only the tag is worth a check.
  return value as ToSupervisor;
};
