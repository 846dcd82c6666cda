import { join } from 'node:path';
import { contractOf, type ServiceClass } from '../../src/sdk/contract.ts';
import type { CallerOptions } from '../../src/sdk/rpc/calling/caller.ts';
import type { CallHandler, Refused } from '../../src/sdk/rpc/calls.ts';
import { dialTls, tlsServer } from '../../src/sdk/rpc/mutual-tls.ts';
import { type RpcServer, serveRpc, serveRpcOn } from '../../src/sdk/rpc/server.ts';
import type { Client } from '../../src/sdk/service.ts';
import { Hosted } from '../../src/sdk/worker/hosted.ts';
import { Switchboard } from '../../src/sdk/worker/switchboard.ts';
import { makeIdentities } from './identities.ts';
import { quietLog } from './quiet-log.ts';
import { temporaryFolder } from './rpc.ts';

/** A service as another one sees it, and what carries the calls between the two. */
export type Carried<S> = AsyncDisposable & {
  readonly client: Client<S>;
  readonly service: S;
  /** Answers of the callee that failed or did not reach who asked, since it was asked last. */
  readonly errors: () => number;
  /** Undefined where both are in one worker. */
  readonly server: RpcServer | undefined;
};

export type Carrier = <S extends object>(type: new () => S) => Promise<Carried<S>>;

export const host = (name: string, type: ServiceClass): Hosted =>
  new Hosted({
    name,
    service: new type(),
    log: quietLog,
    contract: contractOf(name, type),
  });

type Served = AsyncDisposable & {
  readonly server: RpcServer;
  /** Where it listens; a Unix socket is dialled there as workers do it. */
  readonly path?: string;
  readonly dial?: CallerOptions['dial'];
};

const between =
  (serve: (handler: CallHandler, refused: Refused) => Promise<Served>): Carrier =>
  async (type) => {
    const callee = host('callee', type as unknown as ServiceClass);
    const handler: CallHandler = (call) => callee.handle(call);
    const { server, dial, path = 'callee', ...served } = await serve(handler, callee.answerLost);
    const switchboard = new Switchboard({
      workerId: 'caller#1',
      hosted: new Map(),
      requestTimeoutMs: 10_000,
      dial,
    });
    const endpoint = { workerId: 'callee#1', rpcPath: path, httpPath: '', draining: false };
    const { contract } = callee;
    switchboard.update({
      generation: 1,
      services: { callee: { contract, endpoints: [endpoint] } },
      remotes: [],
    });
    return {
      ...carriedBy(switchboard, callee),
      server,
      [Symbol.asyncDispose]: async () => {
        switchboard.close();
        await served[Symbol.asyncDispose]();
      },
    };
  };

const carriedBy = <S>(switchboard: Switchboard, callee: Hosted) => ({
  // A proxy has the methods that the type says.
  client: switchboard.proxy(
    host('caller', callee.service.constructor as ServiceClass),
    'callee',
  ) as Client<S>,
  service: callee.service as S,
  errors: () => callee.meter.take().errors,
});

const overUnixSocket = between(async (handler, refused) => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  const server = await serveRpc(path, handler, { refused });
  return {
    server,
    path,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      folder[Symbol.dispose]();
    },
  };
});

const overMutualTls = between(async (handler, refused) => {
  const [ours, theirs] = makeIdentities('caller', 'callee');
  if (ours === undefined || theirs === undefined) throw new Error('no identities');
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await serveRpcOn((serve) => tlsServer(theirs, serve), {
    listen,
    handler,
    refused,
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    server,
    dial: () => dialTls(ours, { host: '127.0.0.1', port, servername: 'callee' }),
    [Symbol.asyncDispose]: () => server.close(),
  };
});

const inOneWorker: Carrier = async (type) => {
  const callee = host('callee', type as unknown as ServiceClass);
  const switchboard = new Switchboard({
    workerId: 'callee#1',
    hosted: new Map([['callee', callee]]),
    requestTimeoutMs: 10_000,
  });
  return {
    ...carriedBy(switchboard, callee),
    server: undefined,
    [Symbol.asyncDispose]: async () => switchboard.close(),
  };
};

/** Whatever carries them, calls behave alike. */
export const carriers: readonly (readonly [name: string, carrier: Carrier])[] = [
  ['a Unix socket', overUnixSocket],
  ['mutual TLS', overMutualTls],
  ['one worker', inOneWorker],
];
