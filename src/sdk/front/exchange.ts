import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Cancellation } from '../rpc/cancellation.ts';
import { type Member, nowhere } from '../rpc/under-way/crowd.ts';

/** Of HTTP/1 a socket, of HTTP/2 a session on one. */
export type Line = Socket | Http2Session;

/** The connection of a client. */
export type Connection = {
  readonly line: Line;
  /** So many exchanges are. */
  underway: number;
  /** It has been taken over, and is ended like this when there is no more time. */
  end: (() => void) | undefined;
  idleSince: number;
  /** So many bytes it had sent when it was looked at last. */
  heard: number;
  /** It is to go elsewhere: the next answer says so. */
  isShed: boolean;
  /** Whose turn comes when others on it have been answered. */
  readonly ahead: Exchange[];
};

/** Where it came in. */
export type Port = { readonly giveUp: (exchange: Exchange) => void };

/** A request and its answer. Those of HTTP/2 have the same shape, but for what is below. */
export class Exchange implements Member {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  place = nowhere;
  port: Port | undefined = undefined;
  connection: Connection | undefined = undefined;
  /** It waits for its turn on its connection. */
  isAhead = false;
  /** How it is ended when there is no more time, if not as its port does it. */
  end: (() => void) | undefined = undefined;
  /** By which it is counted: a method and a path as declared, never the path that was asked for. */
  route: string | undefined = undefined;
  /** Address of who sent it first, where anybody asks for that. */
  client: string | undefined = undefined;
  /** Of its answer, where they are known before they are sent. */
  bytes: number | undefined = undefined;
  /** `traceparent`, once it is known. */
  trace: string | undefined = undefined;
  /** It was not let in, as the service has more to do than it can. */
  isRefusedEntry = false;
  /** Work on the answer, which ends when nobody waits for that any more. */
  cancellation: Cancellation | undefined = undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
  }
}

type Pair = Pick<Exchange, 'request' | 'response'>;

type EitherRequest = IncomingMessage & Partial<Pick<Http2ServerRequest, 'stream'>>;
type EitherResponse = ServerResponse & Partial<Pick<Http2ServerResponse, 'stream'>>;

export const isHttp2 = ({ httpVersionMajor }: IncomingMessage): boolean => httpVersionMajor === 2;

/** Undefined over HTTP/1. */
export const streamIn = (request: IncomingMessage): Http2ServerRequest['stream'] | undefined =>
  (request as EitherRequest).stream;

/** A session carries many requests at once. */
export const lineOf = (request: IncomingMessage): Line =>
  streamIn(request)?.session ?? request.socket;

export const hasBody = (request: IncomingMessage): boolean => {
  const stream = streamIn(request);
  if (stream !== undefined) return !stream.endAfterHeaders;
  const { headers } = request;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
};

export const isGone = (response: ServerResponse): boolean =>
  response.destroyed === true || (response as EitherResponse).stream?.destroyed === true;

/** Ends an answer so that the client sees that it is not all. */
export const cut = (response: ServerResponse): void => {
  const { stream } = response as EitherResponse;
  if (stream === undefined) response.destroy();
  else resetStream(stream);
};

/** Also the half on which the client would still send. */
export const endStream = (response: ServerResponse): void => {
  const { stream } = response as EitherResponse;
  stream?.close();
};

/** By itself `close` would wait until the client has read what was written. */
export const resetStream = (stream: Http2ServerResponse['stream']): void => {
  stream.close(process.getBuiltinModule('node:http2').constants.NGHTTP2_INTERNAL_ERROR);
  stream.destroy();
};

/** Over HTTP/2 an answer that nobody wants any more is finished as well, but its writer has not ended it. */
export const isWhole = ({ writableEnded, writableFinished }: ServerResponse): boolean =>
  writableEnded && writableFinished;

/** A request of HTTP/1 has a signal that says when its client is gone; one of HTTP/2 is given it. */
export const giveSignal = ({ request, response }: Pair): void => {
  if (!isHttp2(request)) return;
  const gone = new AbortController();
  response.once('close', () => {
    if (!isWhole(response)) gone.abort();
  });
  Object.defineProperty(request, 'signal', { value: gone.signal });
};

/** HTTP/2 has no header of the connection, and says so for each one that it is given. */
export const closeAfter = ({ request, response }: Pair): void => {
  if (!isHttp2(request) && !response.headersSent) response.setHeader('connection', 'close');
};
