import { readlinkSync } from 'node:fs';
import { connect as dial, type Socket } from 'node:net';
import type { Actor } from '../../protocol/action.ts';
import {
  type ClientMessage,
  type ControlMethod,
  type ControlMethods,
  controlProtocolVersion,
  type Role,
  type ServerMessage,
  type Snapshot,
} from '../../protocol/control/messages.ts';
import { Points } from '../../protocol/control/points.ts';
import { controlUnreachable, controlVersion } from '../../protocol/errors.ts';
import { fromErrorData } from '../../protocol/forge-error.ts';
import { encodeLine, LineDecoder } from '../../protocol/json-lines.ts';
import { thisUser } from './this-user.ts';

export type ConnectOptions = {
  readonly role: Role;
  readonly actor?: Partial<Actor>;
  /** Ends the connection, whatever has not been answered yet. */
  readonly signal?: AbortSignal;
};

/** A supervisor answers within milliseconds; one that was stopped, or hangs, never does. */
const greetingMs = 5_000;

type Waiting = {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
};

/** Connects to a supervisor; throws CONTROL_UNREACHABLE when none answers. */
export const connect = async (
  socketPath: string,
  options: ConnectOptions,
): Promise<ControlClient> => {
  const { signal } = options;
  const socket = dial({ path: socketPath, ...(signal === undefined ? {} : { signal }) });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => reject(controlUnreachable(socketPath, cause)));
  });
  const client = new ControlClient(socket, socketPath);
  try {
    await client.greet(options);
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
};

/** One connection to a supervisor. Requests are typed by `ControlMethods`. */
export class ControlClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #socketPath: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #greeting = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #onSnapshot: ((snapshot: Snapshot) => void) | undefined;
  /** The request that snapshots follow, and what was sent of the histories. */
  #subscription: number | undefined;
  #points: Points | undefined;
  #nextId = 1;

  constructor(socket: Socket, socketPath: string) {
    this.#socket = socket;
    this.#socketPath = socketPath;
    // It may fail before anybody waits for it.
    this.#greeting.promise.catch(() => undefined);
    const decoder = new LineDecoder('The supervisor');
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      try {
        // The supervisor's messages have the declared shape when its version is ours.
        for (const message of decoder.push(chunk)) this.#receive(message as ServerMessage);
      } catch (error) {
        // Something else listens there.
        this.#fail(error);
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#end());
  }

  /** Resolves when the connection is gone, whoever ended it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  async greet({ role, actor }: ConnectOptions): Promise<void> {
    this.#send({
      type: 'hello',
      version: controlProtocolVersion,
      role,
      actor: { ...thisActor(), ...actor },
    });
    const timer = setTimeout(() => this.#end(), greetingMs);
    try {
      await this.#greeting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  request<M extends ControlMethod>(
    method: M,
    params: ControlMethods[M]['params'],
  ): Promise<ControlMethods[M]['result']> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(controlUnreachable(this.#socketPath, undefined));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#send({ type: 'request', id, method, params });
    });
  }

  /** The snapshot of now, and from then on one every `everyMs` to `onSnapshot`. */
  subscribe(everyMs: number, onSnapshot: (snapshot: Snapshot) => void): Promise<Snapshot> {
    this.#onSnapshot = onSnapshot;
    const first = this.request('subscribe', { everyMs, newPoints: true });
    this.#subscription = this.#nextId - 1;
    return first;
  }

  close(): void {
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }

  #send(message: ClientMessage): void {
    this.#socket.write(encodeLine(message));
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        if (message.version === controlProtocolVersion) this.#greeting.resolve();
        else this.#greeting.reject(controlVersion(message.version, controlProtocolVersion));
        return;
      case 'reply':
        // The id ties the result to the request that fixed its type.
        if (message.id === this.#subscription) {
          this.#points = new Points(message.result as Snapshot);
        }
        this.#take(message.id)?.resolve(message.result as never);
        return;
      case 'error':
        // It hangs up: whatever was asked is not answered, for this reason.
        if (message.id === 0) this.#fail(fromErrorData(message.error));
        this.#take(message.id)?.reject(fromErrorData(message.error));
        return;
      case 'snapshot':
        this.#show(message);
        return;
    }
  }

  /** A supervisor that knows that we keep the history sends only what is new of it. */
  #show({ snapshot, newPoints }: Extract<ServerMessage, { readonly type: 'snapshot' }>): void {
    const points = newPoints === true ? this.#points : undefined;
    this.#onSnapshot?.(points?.join(snapshot) ?? snapshot);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #end(): void {
    this.#fail(controlUnreachable(this.#socketPath, undefined));
    this.#closed.resolve();
  }

  #fail(reason: unknown): void {
    this.#greeting.reject(reason);
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

/** Who acts, for the journal. */
const thisActor = (): Actor => ({ ...thisUser(), tty: terminal(), origin: 'api' });

const terminal = (): string => {
  if (!process.stdin.isTTY) return '';
  try {
    return readlinkSync('/proc/self/fd/0');
  } catch {
    // Not a Linux with /proc: the journal does without.
    return '';
  }
};
