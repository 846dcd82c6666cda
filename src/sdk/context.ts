import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export type Params = Readonly<Record<string, string | undefined>>;

/** `request.signal` is aborted when the client is gone. */
export type RawHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  params: Params,
) => void | Promise<void>;

export type UpgradeRequest = IncomingMessage & { readonly params: Params };

/** Takes over the socket; what came after the request is in `head`. */
export type UpgradeHandler = (
  request: UpgradeRequest,
  socket: Duplex,
  head: Buffer,
) => void | Promise<void>;

export type UpgradeOptions = {
  /** Called for each open socket when the worker drains; without it a WebSocket is closed with 1012. */
  readonly onDrain?: (socket: Duplex) => void;
};

type Register = (path: string, handler: RawHandler) => void;

/**
 * Raw routes, for what a contract route cannot say: streams, server-sent events, WebSockets, odd
 * headers. `get` answers HEAD too.
 */
export type Router = {
  readonly get: Register;
  readonly post: Register;
  readonly put: Register;
  readonly patch: Register;
  readonly delete: Register;
  /** A route for `Upgrade` requests, such as those that open a WebSocket. */
  readonly upgrade: (path: string, handler: UpgradeHandler, options?: UpgradeOptions) => void;
};

export type Log = {
  readonly debug: (message: string, fields?: object) => void;
  readonly info: (message: string, fields?: object) => void;
  readonly warn: (message: string, fields?: object) => void;
  readonly error: (message: string, fields?: object) => void;
};

/** What came with the request that is being handled, and goes along with what it calls. */
export type CurrentRequest = {
  /** W3C Trace Context. */
  readonly traceparent: string;
  /** Milliseconds since the epoch; whoever asked does not wait longer. */
  readonly deadlineAt: number;
  /** Aborted when whoever asked is gone, over however many services the request came here. */
  readonly signal: AbortSignal;
};

export type Context = {
  readonly name: string;
  readonly workerId: string;
  /** Of the request, event or message that is being handled; undefined outside of one. */
  readonly request: CurrentRequest | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly router: Router;
  /**
   * Aborted when this worker leaves: no new request comes, and what is still open is ended when
   * its time to drain is over. A stream that can be resumed elsewhere had better end at once.
   */
  readonly draining: AbortSignal;
  readonly emit: (event: string, payload: unknown) => void;
  readonly on: (event: string, handler: (payload: unknown) => unknown) => void;
};
