import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Auth } from '../protocol/rpc/carried.ts';
import type { SubscribeOptions } from './contract-input.ts';

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
  /** Service that asked; `ingress` for a request from outside. */
  readonly from: string;
  /** W3C Trace Context. */
  readonly traceparent: string;
  readonly tracestate: string | undefined;
  /** Milliseconds since the epoch; whoever asked does not wait longer. */
  readonly deadlineAt: number;
  /** Aborted when whoever asked is gone, over however many services the request came here. */
  readonly signal: AbortSignal;
  /** How many services it has come through; the one after the 16th is refused. */
  readonly hops: number;
  /** On whose behalf, as the service that let it in has verified. */
  readonly auth: Auth | undefined;
  readonly tenant: string | undefined;
  readonly baggage: Readonly<Record<string, string>>;
  /** Of `with({ headers })`, names in lower case; they go no further. */
  readonly headers: Readonly<Record<string, string>>;
};

/** What a service can give a request to take along, up to 64 entries and 8 KiB of baggage. */
export type Luggage = {
  readonly auth?: Auth;
  readonly tenant?: string;
  /** Added to what it has. */
  readonly baggage?: Readonly<Record<string, string>>;
};

export type Context = {
  readonly name: string;
  readonly workerId: string;
  /** Of the request, event or message that is being handled; undefined outside of one. */
  readonly request: CurrentRequest | undefined;
  /** Runs something so that whatever it calls, now or later, takes this along. */
  readonly carry: <T>(luggage: Luggage, run: () => T) => T;
  /** Runs something that goes on when the request is over: without its deadline and its signal. */
  readonly detach: <T>(run: () => T) => T;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly router: Router;
  /**
   * Aborted when this worker leaves: no new request comes, and what is still open is ended when
   * its time to drain is over. A stream that can be resumed elsewhere had better end at once.
   */
  readonly draining: AbortSignal;
  readonly emit: (event: string, payload: unknown) => void;
  readonly on: (
    event: string,
    handler: (payload: unknown) => unknown,
    options?: SubscribeOptions,
  ) => void;
};
