import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { unavailable } from '../../protocol/errors.ts';
import type { HttpSettings } from '../../protocol/http.ts';
import type { Answers } from './answer/answers.ts';
import type { Clients } from './clients.ts';
import { closeAfter, cut, type Exchange, hasBody, isWhole } from './exchange.ts';
import { FrontServer } from './front-server.ts';
import { refusalOf } from './request-check.ts';
import { watchDownload, watchUpload } from './slow-clients.ts';
import { readInTurns } from './turns.ts';

export type Upgrade = {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the client sent behind its request. */
  readonly head: Buffer;
};

export type DoorParts = {
  readonly http: HttpSettings;
  readonly clients: Clients;
  readonly answers: Answers;
  /** Who is behind it, as a client is told when there is no more time. */
  readonly name: string;
  /** Throws or rejects with what is wrong. */
  readonly answer: (exchange: Exchange) => Promise<void> | undefined;
  readonly mayUpgrade: (request: IncomingMessage) => boolean;
  readonly upgrade: (upgrade: Upgrade) => void;
  /** Only methods answer here, which see of a request no more than its body, if it has one. */
  readonly hasMethodsOnly?: boolean;
  /** Of every exchange, also of one that is refused. */
  readonly began?: ((exchange: Exchange) => void) | undefined;
  /** An exchange is over, answered or not. */
  readonly ended?: (exchange: Exchange, tookMs: number) => void;
};

type Refusal = { readonly status: number; readonly message: string };

/** One port that clients come in by: counts them in, keeps the time for slow ones, lets none be lost. */
export class Door {
  #parts: DoorParts;
  readonly #server: FrontServer;
  #isLeaving = false;

  constructor(parts: DoorParts) {
    this.#parts = parts;
    const { http, clients, hasMethodsOnly = false } = parts;
    this.#server = new FrontServer({
      http,
      clients,
      skipsEmptyBodies: hasMethodsOnly,
      serve: (exchange) => this.#serve(exchange),
      refusalText: (status, message) => this.#parts.answers.refusalText(status, message),
      // Behind a body it could not be told where what was upgraded to begins: that is a request like others.
      mayUpgrade: (request) =>
        refusalOf(request) === undefined && !hasBody(request) && this.#parts.mayUpgrade(request),
      upgrade: (request, stream, head) => {
        // The servers listen on TCP alone, and TLS is a socket too.
        const socket = stream as Socket;
        // Nothing but who takes it over keeps the time from here on.
        socket.setTimeout(0).on('error', () => undefined);
        clients.takenOver(socket, () => socket.destroy());
        this.#parts.upgrade({ request, socket, head });
      },
    });
  }

  /** From the next request on; what is under way is answered as it was begun. */
  change(parts: DoorParts): void {
    this.#parts = parts;
    this.#server.change(parts.http);
  }

  /** Also after it had left. */
  async listen(descriptor: number): Promise<void> {
    this.#isLeaving = false;
    await this.#server.listen(descriptor);
  }

  /** No new connection, and `Connection: close` on every further answer. */
  leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#server.stopAccepting();
    this.#parts.clients.closeAfterAnswers(this);
  }

  /** It does not come back. */
  close(): void {
    this.leave();
    this.#server.close();
  }

  /** There is no more time for it. */
  giveUp(exchange: Exchange): void {
    const { answers, name } = this.#parts;
    answers.error(exchange, leaving(exchange.request, name));
  }

  #serve(exchange: Exchange): void {
    const { response } = exchange;
    const { clients, began, ended } = this.#parts;
    const startedAt = ended === undefined ? 0 : performance.now();
    const isNext = clients.began(exchange, this);
    began?.(exchange);
    response.on('close', () => {
      const next = clients.ended(exchange);
      ended?.(exchange, performance.now() - startedAt);
      if (!isWhole(response)) exchange.cancellation?.cancel();
      if (next !== undefined) this.#begin(next);
    });
    if (this.#isLeaving) closeAfter(exchange);
    if (isNext) this.#begin(exchange);
  }

  #begin(exchange: Exchange): void {
    // Given up meanwhile, it has its answer.
    if (exchange.response.writableEnded) return;
    if (hasBody(exchange.request)) this.#receive(exchange);
    this.#answer(exchange);
    watchDownload(exchange, this.#parts.http.limits.stall);
  }

  #receive(exchange: Exchange): void {
    const { request, response } = exchange;
    const { http, answers } = this.#parts;
    // What is left of a body that nobody wants must not block the next request.
    response.once('finish', () => readInTurns(request.unpipe().resume()));
    watchUpload(exchange, http.limits.stall, () => {
      if (response.headersSent) cut(response);
      else answers.refuse(exchange, 408, 'The body came too slowly');
    });
  }

  #answer(exchange: Exchange): void {
    const { answers, answer } = this.#parts;
    const refusal = this.#refusalOf(exchange.request);
    if (refusal !== undefined) {
      answers.refuse(exchange, refusal.status, refusal.message);
      return;
    }
    if (answers.preflight(exchange)) return;
    try {
      answer(exchange)?.catch((error) => answers.error(exchange, error));
    } catch (error) {
      answers.error(exchange, error);
    }
  }

  #refusalOf(request: IncomingMessage): Refusal | undefined {
    const { url } = this.#parts.http.limits;
    if ((request.url?.length ?? 0) > url) {
      return { status: 414, message: `A target may have ${url} bytes` };
    }
    const message = refusalOf(request);
    return message === undefined ? undefined : { status: 400, message };
  }
}

export const leaving = ({ url = '/' }: IncomingMessage, name: string): Error =>
  unavailable(url, 'maybe', `${name} is leaving`);
