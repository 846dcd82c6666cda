import { chmodSync, rmSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Actor } from '../../protocol/action.ts';
import type { ControlMethod, ControlMethods, Order } from '../../protocol/control/messages.ts';
import type { ForgeError } from '../../protocol/forge-error.ts';
import type { HttpSettings } from '../../protocol/http.ts';
import { Session } from './session.ts';
import { Snapshots } from './snapshots.ts';

/** What answers each method; the sessions only check, pass on and send back. */
export type ControlBackend = {
  readonly [M in Exclude<ControlMethod, 'subscribe'>]: (
    params: ControlMethods[M]['params'],
    actor: Actor,
  ) => Promise<ControlMethods[M]['result']>;
};

export type ControlServer = {
  /** Takes nobody new: the socket's path is free for the next supervisor. */
  readonly leave: () => void;
  readonly close: () => Promise<void>;
};

export type ServeOptions = {
  readonly socketPath: string;
  readonly app: string;
  readonly backend: ControlBackend;
  /** A viewer has ordered something. */
  readonly refused: (
    asked: { readonly order: Order; readonly by: Actor },
    error: ForgeError,
  ) => void;
  /** Where health, readiness and metrics are read over HTTP, if anywhere. */
  readonly admin?: HttpSettings['admin'];
};

/** The control socket: everything the console and the commands can do goes through it. */
export const serveControl = async (options: ServeOptions): Promise<ControlServer> => {
  const sockets = new Set<Socket>();
  const snapshots = new Snapshots(() => options.backend.snapshot({}, everybody));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    new Session(socket, { ...options, snapshots }).open();
  });
  // The run directory is claimed by now: what lies here is left from a crash.
  rmSync(options.socketPath, { force: true });
  await listen(server, options.socketPath);
  chmodSync(options.socketPath, 0o600);
  const admin = await openAdmin(options).catch((error: unknown) => {
    server.close();
    throw error;
  });
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const leave = (): void => {
    if (server.listening) server.close();
    admin?.close();
  };
  return {
    leave,
    close: () => {
      leave();
      for (const socket of sockets) letGo(socket);
      admin?.closeAllConnections();
      return closed;
    },
  };
};

/** So long a client may take to read the last that it was told. */
const readWithinMs = 1_000;

/** One that hangs reads nothing, not even that this is the end. */
const letGo = (socket: Socket): void => {
  socket.end();
  const limit = setTimeout(() => socket.destroy(), readWithinMs);
  socket.once('close', () => clearTimeout(limit));
};

const everybody: Actor = { uid: 0, user: 'all who watch', tty: '', origin: 'api' };
const observer: Actor = { ...everybody, user: 'admin port' };

const openAdmin = async ({ admin, backend }: ServeOptions): Promise<HttpServer | undefined> => {
  if (admin === undefined) return undefined;
  // Node's HTTP takes 15 MB: only who wants it pays.
  const { serveAdmin } = await import('./admin-server.ts');
  return serveAdmin({
    ...admin,
    status: () => backend.status({}, observer),
    metrics: () => backend.metrics({}, observer),
  });
};

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(path, resolve));
