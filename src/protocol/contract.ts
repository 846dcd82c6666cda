import type { CallPolicy } from './call-policy.ts';
import type { Bytes, Millis } from './units.ts';

/** What a service offers, after decorators or `static contract` were read. */
export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
export type HttpMethod = (typeof httpMethods)[number];

export const priorities = ['low', 'normal', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** Whom a route is for, of those who prove who they are. */
export type RouteAuth = {
  /** One of these is enough. */
  readonly roles?: readonly string[];
  /** All of these are needed. */
  readonly scopes?: readonly string[];
};

/** What a contract route asks of its requests, at the port that they come in by. */
export type RouteTerms = {
  /** Longest body, in place of the limit of the port. */
  readonly body?: Bytes;
  /** So long a request with an `Idempotency-Key` runs once, and is answered alike. */
  readonly onceMs?: Millis;
  /** It is for those who prove who they are. */
  readonly auth?: RouteAuth;
};

export type RouteEntry = {
  readonly method: HttpMethod;
  readonly path: string;
  /** Method of the service that answers; absent for a raw `(req, res)` route. */
  readonly handler?: string;
  /** A raw route that takes over the socket, such as for WebSocket. */
  readonly upgrade?: true;
  /** Only for requests to this host; all hosts when absent. */
  readonly host?: string;
  /** Who is refused first when there is more than the service can do; `normal` when absent. */
  readonly priority?: Priority;
  readonly terms?: RouteTerms;
};

export type Contract = {
  readonly expose: readonly string[];
  /** Exposed methods that may run twice: a call that was cut off is tried again. */
  readonly idempotent?: readonly string[];
  readonly routes: readonly RouteEntry[];
  /** Method → event published with the method's result after it succeeded. */
  readonly emits: Readonly<Record<string, string>>;
  /** Event, or a pattern of events → method that handles it, in one worker of the service. */
  readonly on: Readonly<Record<string, string>>;
  /** The same for events that every worker of the service handles. */
  readonly everywhere?: Readonly<Record<string, string>>;
  /** Method → how its calls are treated; `*` for what holds for the whole service. */
  readonly calls?: Readonly<Record<string, CallPolicy>>;
};

export const emptyContract: Contract = { expose: [], routes: [], emits: {}, on: {} };
