import type { IncomingMessage, ServerResponse } from 'node:http';

export type RawHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  params: Readonly<Record<string, string | undefined>>,
) => void | Promise<void>;

type Register = (path: string, handler: RawHandler) => void;

/** Raw routes, for what a contract route cannot say: streams, server-sent events, odd headers. */
export type Router = {
  readonly get: Register;
  readonly post: Register;
  readonly put: Register;
  readonly patch: Register;
  readonly delete: Register;
};

export type Log = {
  readonly debug: (message: string, fields?: object) => void;
  readonly info: (message: string, fields?: object) => void;
  readonly warn: (message: string, fields?: object) => void;
  readonly error: (message: string, fields?: object) => void;
};

export type Context = {
  readonly name: string;
  readonly workerId: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly router: Router;
  readonly emit: (event: string, payload: unknown) => void;
  readonly on: (event: string, handler: (payload: unknown) => unknown) => void;
};
