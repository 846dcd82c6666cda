/**
 * Preloaded into existing Node servers, so that several instances of one with a hard-coded port can
 * run: the port that an HTTP server asks for first becomes the instance's own. CommonJS and small,
 * because it runs before everything else, in whatever Node the server is started with.
 */
const net: typeof import('node:net') = require('node:net');
const http: typeof import('node:http') = require('node:http');

type Server = import('node:net').Server;
type GuestAssignment = import('../../protocol/worker/messages.ts', { with: {
  'resolution-mode': 'import',
}}).GuestAssignment;

const assignment = JSON.parse(process.env['FORGE_GUEST'] ?? '{}') as GuestAssignment;
const listen = net.Server.prototype.listen;
let asked: number | undefined;

/** The TCP port in the arguments of `listen`, 0 for any; any other text there is a Unix socket. */
const portIn = (first: unknown): number | undefined => {
  const isOptions = typeof first === 'object' && first !== null;
  const port = isOptions ? (first as { readonly port?: unknown }).port : first;
  return /^\d+$/.test(String(port)) ? Number(port) : undefined;
};

/** It may ask for a fixed one later: this keeps it from nothing. */
const tellOfAnyPort = (): void => {
  process.stderr.write(
    'forge: an HTTP server listens on any free port, where no client of the app finds it; ' +
      'listen on a fixed one, or on process.env.PORT after `forge start FILE --http PORT`\n',
  );
};

/** A second address of the same port is a second one of ours: `localhost` may mean two. */
const redirected = (first: unknown, isSecond: boolean): object => ({
  ...(typeof first === 'object' ? first : {}),
  port: assignment.port,
  host: isSecond ? '::1' : '127.0.0.1',
});

/** What the server itself starts is its own business. */
const forgetGuest = (): void => {
  delete process.env['FORGE_GUEST'];
  delete process.env['NODE_OPTIONS'];
  if (assignment.nodeOptions !== undefined) process.env['NODE_OPTIONS'] = assignment.nodeOptions;
};

const announce = (server: Server, port: number): void => {
  forgetGuest();
  import('./guest.ts').then(
    ({ beGuest }) => beGuest({ assignment, server, asked: port }),
    // A Node that is too old for it serves all the same.
    () => undefined,
  );
};

const listenHere = function (this: Server, ...args: readonly unknown[]): Server {
  const port = portIn(args[0]);
  const isWanted = this instanceof http.Server && (asked ?? port) === port;
  if (isWanted && port === 0) tellOfAnyPort();
  if (!isWanted || port === undefined || port === 0) return Reflect.apply(listen, this, args);
  const isSecond = asked !== undefined;
  if (!isSecond) announce(this, port);
  asked = port;
  if (port === assignment.port) return Reflect.apply(listen, this, args);
  const callbacks = args.filter((each) => typeof each === 'function');
  return Reflect.apply(listen, this, [redirected(args[0], isSecond), ...callbacks]);
};

// Only servers that are started for it are told what to do.
if (assignment.port !== undefined) net.Server.prototype.listen = listenHere as typeof listen;
