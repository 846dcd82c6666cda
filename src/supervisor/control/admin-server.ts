import { createServer, type Server, type ServerResponse } from 'node:http';
import type { HttpSettings } from '../../protocol/http.ts';
import type { Status } from '../../protocol/metrics.ts';
import { portInUse } from '../../protocol/start-errors.ts';
import { portOwner } from '../process/port-owner.ts';

export type AdminOptions = NonNullable<HttpSettings['admin']> & {
  readonly status: () => Promise<Status>;
  readonly metrics: () => Promise<{ readonly text: string }>;
};

type Answer = { readonly status: number; readonly type: string; readonly text: string };

const timeLimits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};
/** Those who watch come one after the other; each connection is one of the supervisor's files. */
const mostConnections = 64;

/** Health, readiness and metrics of the app for those who watch it; nothing can be changed here. */
export const serveAdmin = async (options: AdminOptions): Promise<Server> => {
  const server = createServer(timeLimits, (request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    answerTo(isRead ? path : undefined, options).then(
      (answer) => send(response, answer),
      () => send(response, json(500, { ok: false })),
    );
  });
  server.maxConnections = mostConnections;
  // Whoever asks a thousand times ahead would else keep the supervisor from everything else.
  server.maxRequestsPerSocket = 1;
  const { port, host } = options;
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => {
      const place = { name: 'http.admin.port', setting: '`http.admin.port`' };
      const isTaken = cause.code === 'EADDRINUSE';
      reject(isTaken ? portInUse({ port, place }, portOwner(port), cause) : cause);
    };
    server.once('error', refuse).listen(port, host, resolve);
  });
  return server;
};

const answerTo = async (path: string | undefined, options: AdminOptions): Promise<Answer> => {
  switch (path) {
    case '/healthz':
      return json(200, { ok: true });
    case '/readyz':
      return readiness(await options.status());
    case '/metrics': {
      const { text } = await options.metrics();
      return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text };
    }
    case undefined:
      return json(405, { error: { code: 'METHOD_NOT_ALLOWED' } });
    default:
      return json(404, {
        error: { code: 'NOT_FOUND', known: ['/healthz', '/readyz', '/metrics'] },
      });
  }
};

/** Ready is an app each of whose services has somebody who answers, or was stopped by an operator. */
const readiness = ({ services }: Status): Answer => {
  const waiting = services
    .filter(
      ({ status, workers }) =>
        status !== 'stopped' && !workers.some((worker) => worker.status === 'ready'),
    )
    .map(({ name }) => name);
  const ok = waiting.length === 0;
  return json(ok ? 200 : 503, ok ? { ok } : { ok, waiting });
};

const json = (status: number, value: object): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  text: `${JSON.stringify(value)}\n`,
});

const send = (response: ServerResponse, { status, type, text }: Answer): void => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(text);
};
