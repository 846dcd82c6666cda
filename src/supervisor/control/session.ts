import type { Socket } from 'node:net';
import type { Actor } from '../../protocol/action.ts';
import {
  type ClientMessage,
  type ControlMethods,
  controlProtocolVersion,
  isOrder,
  type Role,
  type ServerMessage,
  type Snapshot,
  snapshotPaceMs,
} from '../../protocol/control/messages.ts';
import { withLastPoints } from '../../protocol/control/points.ts';
import { decodeClientMessage } from '../../protocol/control/schema.ts';
import { badMessage, controlVersion, readOnly } from '../../protocol/errors.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import { encodeLine, LineDecoder } from '../../protocol/json-lines.ts';
import type { ServeOptions } from './server.ts';

type Request = Extract<ClientMessage, { readonly type: 'request' }>;
type Subscription = ControlMethods['subscribe']['params'];
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
  readonly #options: ServeOptions;
  #client: Client | undefined;
  #snapshots: NodeJS.Timeout | undefined;
  #endOfLine: NodeJS.Timeout | undefined;
  /** Of a client that keeps the points that it was sent. */
  #pointsSent: number | undefined;

  constructor(socket: Socket, options: ServeOptions) {
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
    clearInterval(this.#snapshots);
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

  async #answer(request: Request, { role, actor }: Client): Promise<void> {
    const { id, method, params } = request;
    try {
      if (role === 'viewer' && isOrder(request)) {
        const error = readOnly(method);
        this.#options.refused({ order: request, by: actor }, error);
        throw error;
      }
      // `decodeClientMessage` checked the parameters by the schema of this very method.
      const answer = this.#options.backend[method] as (
        params: object,
        actor: Actor,
      ) => Promise<unknown>;
      const result = await answer(params, actor);
      this.#send({ type: 'reply', id, result });
      if (method === 'subscribe') this.#publish(params as Subscription, result as Snapshot);
    } catch (error) {
      this.#send({ type: 'error', id, error: toErrorData(error) });
    }
  }

  #publish({ everyMs, newPoints = false }: Subscription, { points }: Snapshot): void {
    this.#pointsSent = newPoints ? points : undefined;
    clearInterval(this.#snapshots);
    const every = Math.min(Math.max(everyMs, snapshotPaceMs.fastest), snapshotPaceMs.slowest);
    this.#snapshots = setInterval(() => void this.#sendSnapshot(), every);
  }

  async #sendSnapshot(): Promise<void> {
    // Who reads slowly gets fewer: what the kernel does not take at once is in our memory.
    if (this.#client === undefined || this.#socket.writableLength > 0) return;
    const snapshot = await this.#options.backend.snapshot({}, this.#client.actor);
    const { points } = snapshot;
    if (this.#pointsSent === undefined || points === undefined) {
      this.#send({ type: 'snapshot', snapshot });
      return;
    }
    const shorter = withLastPoints(snapshot, points - this.#pointsSent);
    this.#pointsSent = points;
    this.#send({ type: 'snapshot', snapshot: shorter, newPoints: true });
  }

  #send(message: ServerMessage): void {
    if (!this.#socket.writable) return;
    this.#socket.write(encodeLine(message));
    if (this.#socket.writableLength > dropAboveBytes) this.#socket.destroy();
  }

  /** Says what was wrong, then hangs up. */
  #refuse(error: unknown): void {
    this.#send({ type: 'error', id: 0, error: toErrorData(error) });
    this.#socket.end();
  }
}

const endless = (): Error => badMessage('The client', 'a line without an end');
