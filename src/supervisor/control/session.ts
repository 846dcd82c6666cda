import type { Socket } from 'node:net';
import type { Actor } from '../../protocol/action.ts';
import {
  type ClientMessage,
  type ControlMethod,
  type ControlMethods,
  controlProtocolVersion,
  isOrder,
  type Role,
  type ServerMessage,
  snapshotPaceMs,
} from '../../protocol/control/messages.ts';
import { decodeClientMessage } from '../../protocol/control/schema.ts';
import { badMessage, controlVersion, readOnly } from '../../protocol/errors.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import { encodeLine, LineDecoder } from '../../protocol/json-lines.ts';
import type { ServeOptions } from './server.ts';
import type { SharedSnapshot, Snapshots } from './snapshots.ts';

export type SessionOptions = ServeOptions & { readonly snapshots: Snapshots };

type Request = Extract<ClientMessage, { readonly type: 'request' }>;
type Subscription = ControlMethods['subscribe']['params'];
type Asked = Exclude<ControlMethod, 'subscribe'>;
type Client = { readonly role: Role; readonly actor: Actor };

/** Arguments of a call are the longest thing that anybody asks with. */
const requestBytes = 1024 * 1024;
/** One that begins a line and never ends it, is let go as well. */
const lineWithinMs = 5_000;
/** One that asks, and never reads the answers, is let go. */
const dropAboveBytes = 16 * 1024 * 1024;

/** One client of the control socket. What it does wrong ends at most itself. */
export class Session {
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  #client: Client | undefined;
  #pace: NodeJS.Timeout | undefined;
  #endOfLine: NodeJS.Timeout | undefined;
  /** Of a client that keeps the points that it was sent. */
  #pointsSent: number | undefined;

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  open(): void {
    let decoder: LineDecoder | undefined = new LineDecoder('The client', requestBytes);
    const socket = this.#socket;
    const refuse = (error: unknown): void => {
      decoder = undefined;
      clearTimeout(this.#endOfLine);
      this.#refuse(error);
    };
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      // What comes after a refusal is read, so that the client can read why, and thrown away.
      if (decoder === undefined) return;
      try {
        for (const message of decoder.push(chunk)) {
          clearTimeout(this.#endOfLine);
          this.#endOfLine = undefined;
          this.#receive(message);
        }
        if (decoder.isMidLine) this.#endOfLine ??= setTimeout(refuse, lineWithinMs, endless());
      } catch (error) {
        refuse(error);
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#close());
  }

  #close(): void {
    clearInterval(this.#pace);
    clearTimeout(this.#endOfLine);
  }

  #receive(raw: object): void {
    const message = decodeClientMessage(raw);
    if (message.type === 'hello') this.#greet(message);
    else if (this.#client === undefined) throw badMessage('The client', 'a request before hello');
    else void this.#answer(message, this.#client);
  }

  #greet(hello: Extract<ClientMessage, { readonly type: 'hello' }>): void {
    const version = controlProtocolVersion;
    if (hello.version !== version) throw controlVersion(version, hello.version);
    this.#client = hello;
    this.#send({ type: 'hello', version, app: this.#options.app, pid: process.pid });
  }

  async #answer(request: Request, client: Client): Promise<void> {
    const { id, method, params } = request;
    try {
      // `decodeClientMessage` checked the parameters by the schema of this very method.
      if (method === 'subscribe') await this.#subscribe(id, params as Subscription);
      else this.#send({ type: 'reply', id, result: await this.#ask(request, method, client) });
    } catch (error) {
      this.#send({ type: 'error', id, error: toErrorData(error) });
    }
  }

  async #ask(request: Request, method: Asked, { role, actor }: Client): Promise<unknown> {
    const { backend, snapshots, refused } = this.#options;
    // As above.
    const answer = backend[method] as (params: object, actor: Actor) => Promise<unknown>;
    if (!isOrder(request)) return answer(request.params, actor);
    if (role === 'viewer') {
      const error = readOnly(method);
      refused({ order: request, by: actor }, error);
      throw error;
    }
    try {
      return await answer(request.params, actor);
    } finally {
      snapshots.forget();
    }
  }

  async #subscribe(id: number, { everyMs, newPoints = false }: Subscription): Promise<void> {
    const snapshot = await this.#options.snapshots.latest();
    if (!this.#socket.writable) return;
    this.#write(snapshot.reply(id));
    this.#pointsSent = newPoints ? snapshot.points : undefined;
    clearInterval(this.#pace);
    const every = Math.min(Math.max(everyMs, snapshotPaceMs.fastest), snapshotPaceMs.slowest);
    const send = (): void => void this.#sendSnapshot().catch((error) => this.#refuse(error));
    this.#pace = setInterval(send, every);
  }

  async #sendSnapshot(): Promise<void> {
    // Who reads slowly gets fewer: what the kernel does not take at once is in our memory.
    if (this.#socket.writableLength > 0) return;
    this.#write(this.#nextMessage(await this.#options.snapshots.latest()));
  }

  #nextMessage(snapshot: SharedSnapshot): Buffer {
    const { points } = snapshot;
    if (this.#pointsSent === undefined || points === undefined) return snapshot.message();
    const newPoints = points - this.#pointsSent;
    this.#pointsSent = points;
    return snapshot.message(newPoints);
  }

  #send(message: ServerMessage): void {
    this.#write(encodeLine(message));
  }

  #write(line: string | Buffer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(line);
    if (this.#socket.writableLength > dropAboveBytes) this.#socket.destroy();
  }

  /** Says what was wrong, then hangs up. */
  #refuse(error: unknown): void {
    clearInterval(this.#pace);
    this.#send({ type: 'error', id: 0, error: toErrorData(error) });
    this.#socket.end();
  }
}

const endless = (): Error => badMessage('The client', 'a line without an end');
