import diagnostics from 'node:diagnostics_channel';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Server } from 'node:net';

type Started = { readonly server: Server; readonly response: ServerResponse };

/**
 * Empties an existing server: every answer closes its connection, none is cut. It goes on listening,
 * for only the ingress knows where, and has left: a process that listens no more might end before it
 * gets its SIGTERM, and skip what it does then.
 */
export class LameDuck {
  readonly #server: Server;
  #underway = 0;
  #left: Promise<void> | undefined;
  #onLeft = (): void => undefined;

  constructor(server: Server) {
    this.#server = server;
    // Listeners of the server itself are counted and replaced by frameworks; these are not seen.
    diagnostics.subscribe('http.server.request.start', (message) => {
      const started = message as Started;
      if (started.server === server) this.#began(started.response);
    });
  }

  /** Resolves when no request is under way. */
  leave(): Promise<void> {
    this.#left ??= new Promise((resolve) => {
      this.#onLeft = resolve;
    });
    this.#check();
    return this.#left;
  }

  #began(response: ServerResponse): void {
    this.#underway += 1;
    if (this.#left !== undefined) response.setHeader('connection', 'close');
    response.once('close', () => {
      this.#underway -= 1;
      this.#check();
    });
  }

  #check(): void {
    if (this.#left === undefined || this.#underway > 0) return;
    // It is an HTTP server: the guest looks after no other.
    (this.#server as HttpServer).closeIdleConnections();
    this.#onLeft();
  }
}
