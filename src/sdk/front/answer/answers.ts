import type { OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { isEventStream } from '../../../protocol/event-stream.ts';
import type { HttpSettings } from '../../../protocol/http.ts';
import { closeAfter, cut, type Exchange, isGone, isHttp2 } from '../exchange.ts';
import { hostOf } from '../proxies.ts';
import type { Routes } from '../routes.ts';
import { Compression, compressedHead, compressWhole, encoderOf } from './compression.ts';
import { HeadPolicy, jsonType, withVary } from './head-policy.ts';
import { jsonText } from './json-text.ts';
import { keepVary } from './keep-vary.ts';
import { sendLast } from './last-answer.ts';
import { errorAnswer, noRouteAnswer, type WholeAnswer } from './whole-answer.ts';

/** After these the rest of a body may still come, and what follows it is not trusted. */
const closing = new Set([400, 408, 413, 414, 417, 431]);

const { STATUS_CODES } = process.getBuiltinModule('node:http');

const refusal = (status: number, message: string): object => ({
  error: { code: `HTTP_${status}`, message },
});

export type StreamedAnswer = {
  readonly status: number;
  readonly statusMessage?: string | undefined;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Readable;
};

/** How answers of this port are sent. */
export class Answers {
  readonly #heads: HeadPolicy;
  readonly #compression: Compression;

  constructor(http: HttpSettings) {
    this.#heads = new HeadPolicy(http);
    this.#compression = new Compression(http);
  }

  /** Answers a browser that asks whether it may send; false for any other request. */
  preflight(exchange: Exchange): boolean {
    const headers = this.#heads.preflight(exchange.request);
    if (headers === undefined) return false;
    this.#head(exchange, { status: 204, headers });
    exchange.response.end();
    return true;
  }

  /** For an answer that somebody else writes: what it says besides. */
  prepare({ request, response }: Exchange): void {
    const ours = this.#heads.complete(request, {});
    for (const [name, value] of Object.entries(ours)) {
      if (value !== undefined) response.setHeader(name, value);
    }
    if (ours['vary'] !== undefined) keepVary(response, String(ours['vary']));
  }

  /** Answers whoever asks how it is here; false for any other request. */
  health(exchange: Exchange, ok: boolean): boolean {
    const { url = '/' } = exchange.request;
    if (!url.startsWith('/healthz') && !url.startsWith('/readyz')) return false;
    const [path] = url.split('?');
    if (path !== '/healthz' && path !== '/readyz') return false;
    this.json(exchange, ok ? 200 : 503, { ok });
    return true;
  }

  notFound(exchange: Exchange, routes: Routes): void {
    const { url = '/' } = exchange.request;
    this.#whole(exchange, noRouteAnswer(routes, { url, host: hostOf(exchange.request) }));
  }

  json(exchange: Exchange, status: number, value: unknown): void {
    const { request, response } = exchange;
    if (value === undefined) {
      this.#head(exchange, { status: 204, headers: {} });
      response.end();
      return;
    }
    const text = jsonText(value);
    const length = Buffer.byteLength(text);
    if (!this.#compression.isWorth(length)) {
      this.#begin(exchange, status, length);
      response.writeHead(status, this.#heads.ofJson(request, length));
      // What is all ASCII need not be encoded, and goes out with its head as it is.
      if (length === text.length && status < 400) response.end(text, 'latin1');
      else if (closing.has(status)) sendLast(exchange, text);
      else response.end(text);
      return;
    }
    const headers = { 'content-type': jsonType, 'content-length': length };
    const encoding = this.#compression.choose(request, status, headers);
    if (encoding === undefined) {
      this.#head(exchange, { status, headers: withVary(headers, 'Accept-Encoding') });
      response.end(text);
      return;
    }
    void compressWhole(text, encoding).then((body) => {
      if (isGone(response)) return;
      const head = { ...compressedHead(headers, encoding), 'content-length': body.length };
      this.#head(exchange, { status, headers: head });
      response.end(body);
    });
  }

  /** Sends a head, and a body as fast as the client reads. What it returns ends that early. */
  stream(exchange: Exchange, { status, statusMessage, headers, body }: StreamedAnswer): () => void {
    const { request, response } = exchange;
    const { 'content-length': length, 'content-type': type } = headers;
    const encoding = this.#compression.choose(request, status, headers);
    const isFit = encoding !== undefined || this.#compression.isFit(status, headers);
    const varied = isFit ? withVary(headers, 'Accept-Encoding') : headers;
    const head = encoding === undefined ? varied : compressedHead(headers, encoding);
    this.#head(exchange, { status, statusMessage, headers: head });
    // A stream may have a head long before it has a body.
    if (length === undefined) response.flushHeaders();
    if (encoding === undefined) {
      body.pipe(response);
    } else {
      const encoder = encoderOf(encoding, length === undefined);
      response.once('close', () => encoder.destroy());
      body.pipe(encoder).pipe(response);
    }
    return () => {
      body.unpipe();
      if (isEventStream(String(type))) response.end();
      else cut(response);
    };
  }

  /** Says what is wrong with a request, and hangs up: what follows on its connection is not trusted. */
  refuse(exchange: Exchange, status: number, message: string): void {
    this.json(exchange, status, refusal(status, message));
  }

  /** The same for a client whose request could not be read, as the bytes of a whole answer: its last. */
  refusalText(status: number, message: string): string {
    const text = jsonText(refusal(status, message));
    const headers = {
      ...this.#heads.always,
      'content-type': jsonType,
      'content-length': Buffer.byteLength(text),
      date: new Date().toUTCString(),
      connection: 'close',
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`;
  }

  error(exchange: Exchange, error: unknown): void {
    const { response } = exchange;
    if (isGone(response)) return;
    if (response.headersSent) {
      cut(response);
      return;
    }
    this.#whole(exchange, errorAnswer(error, exchange.trace));
  }

  #whole(exchange: Exchange, { status, headers, body }: WholeAnswer): void {
    for (const [name, value] of Object.entries(headers)) exchange.response.setHeader(name, value);
    this.json(exchange, status, body);
  }

  #head(
    exchange: Exchange,
    { status, statusMessage, headers }: Omit<StreamedAnswer, 'body'>,
  ): void {
    const { request, response } = exchange;
    const complete = this.#heads.complete(request, headers);
    const length = complete['content-length'];
    this.#begin(exchange, status, length === undefined ? undefined : Number(length));
    if (statusMessage === undefined || isHttp2(request)) response.writeHead(status, complete);
    else response.writeHead(status, statusMessage, complete);
  }

  #begin(exchange: Exchange, status: number, bytes: number | undefined): void {
    exchange.bytes = bytes;
    if (status >= 400 && closing.has(status) && !exchange.request.complete) closeAfter(exchange);
  }
}
