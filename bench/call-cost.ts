/**
 * What one call costs in CPU, both ends of it in one process: over a link and within a worker, of a
 * method that answers at once and of one that answers with a promise; beside a bare socket with the
 * same frames, batches and codec, and beside the least that a call within a worker can be. Each in
 * processes of its own, in turn; medians.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Histogram } from '../src/protocol/histogram.ts';
import { type Frame, FrameDecoder, type FrameType, frameTypes } from '../src/protocol/rpc/frame.ts';
import { RequestContext, requestContext } from '../src/sdk/request-context.ts';
import { Cancellation } from '../src/sdk/rpc/cancellation.ts';
import { copyOf } from '../src/sdk/rpc/copy/copy.ts';
import { serveRpc } from '../src/sdk/rpc/server.ts';
import { newTraceparent } from '../src/sdk/rpc/trace.ts';
import { Outbox } from '../src/sdk/rpc/wire/outbox.ts';
import { packCall, packValue, unpackCall, unpackValue } from '../src/sdk/rpc/wire/payload.ts';
import { Service } from '../src/sdk/service.ts';
import type { Hosted } from '../src/sdk/worker/hosted.ts';
import { meterContinuations } from '../src/sdk/worker/slices.ts';
import { Switchboard } from '../src/sdk/worker/switchboard.ts';
import { userOf } from '../test/fixtures/apps/calls/answers.ts';
import { drive, type Figures } from '../test/fixtures/apps/calls/drive.ts';
import { host } from '../test/helpers/carriers.ts';
import { temporaryFolder } from '../test/helpers/rpc.ts';
import { median } from './figures.ts';

class Users extends Service {
  static readonly contract = { expose: ['getUser', 'getUserLater'] };

  getUser(id: number): object {
    return userOf(id);
  }

  async getUserLater(id: number): Promise<object> {
    return userOf(id);
  }
}

class Caller extends Service {}

type Ask = (id: number) => Promise<unknown>;
type Way = { readonly ask: Ask; readonly context: RequestContext | undefined };
type Method = 'getUser' | 'getUserLater';

using folder = temporaryFolder();
const path = join(folder.path, 'rpc.sock');

const receive = (socket: Socket, take: (frame: Frame) => void): void => {
  const decoder = new FrameDecoder();
  socket.on('data', (bytes: Buffer) => {
    for (const frame of decoder.push(bytes)) take(frame);
  });
};

const bare = async (): Promise<Way> => {
  const head = (type: FrameType, id: number) => ({
    ...{ type, id, deadlineMs: 0, sentAt: 0 },
    traceparent: '',
  });
  const server = createServer((socket) => {
    const outbox = new Outbox(socket);
    receive(socket, ({ id, payload }) => {
      const [user] = unpackCall(payload).args;
      outbox.push(head(frameTypes.reply, id), packValue(userOf(Number(user))));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const socket = connect(path);
  const outbox = new Outbox(socket);
  const waiting = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  receive(socket, ({ id, payload }) => {
    waiting.get(id)?.(unpackValue(payload));
    waiting.delete(id);
  });
  const ask: Ask = (id) =>
    new Promise((resolve) => {
      lastId += 1;
      waiting.set(lastId, resolve);
      const call = { kind: 'call', service: 'users', method: 'getUser', args: [id] } as const;
      outbox.push(head(frameTypes.call, lastId), packCall({ ...call, from: 'caller' }));
    });
  return { ask, context: undefined };
};

/** Copies of what goes in and out, one context, one time taken and one promise. */
const least = async (): Promise<Way> => {
  const storage = new AsyncLocalStorage<object>();
  const took = new Histogram();
  const ask: Ask = (id) => {
    const startedAt = performance.now();
    const user = storage.run({ startedAt }, userOf, Number(copyOf(id)));
    const copy = copyOf(user);
    took.recordMs(performance.now() - startedAt);
    return Promise.resolve(copy);
  };
  return { ask, context: undefined };
};

const ours = async (isLocal: boolean, method: Method): Promise<Way> => {
  meterContinuations();
  const users = host('users', Users);
  const hosted = new Map(isLocal ? [['users', users]] : []);
  const workerId = 'caller#1';
  // What this process itself would answer on it does not call over a link.
  const own = isLocal ? path : '';
  const switchboard = new Switchboard({ workerId, hosted, requestTimeoutMs: 30_000, own });
  if (!isLocal) await serveRpc(path, (call) => users.handle(call));
  const endpoint = { workerId: 'users#1', rpcPath: path, httpPath: '', draining: false };
  const services = { users: { contract: users.contract, endpoints: [endpoint] } };
  switchboard.update({ generation: 1, services, remotes: [] });
  const caller = host('caller', Caller);
  // Made of the names that are called.
  const proxy = switchboard.proxy(caller, 'users') as Record<Method, Ask>;
  return { ask: (id) => proxy[method](id), context: contextOf(caller) };
};

/** As within a method that was called itself. */
const contextOf = ({ name: service, meter }: Hosted): RequestContext =>
  new RequestContext({
    service,
    from: 'main',
    traceparent: newTraceparent(),
    deadlineAt: Number.POSITIVE_INFINITY,
    meter,
    cancellation: new Cancellation(),
    carried: { hops: 1 },
  });

const ways: Readonly<Record<string, () => Promise<Way>>> = {
  'a bare socket': bare,
  'over a link': () => ours(false, 'getUser'),
  'over a link, a promise': () => ours(false, 'getUserLater'),
  'in one worker, at least': least,
  'in one worker': () => ours(true, 'getUser'),
  'in one worker, a promise': () => ours(true, 'getUserLater'),
};

const measure = async (way: string, inFlight: number): Promise<number> => {
  const found = await ways[way]?.();
  if (found === undefined) throw new Error(`${way} is no way`);
  const { ask, context } = found;
  const run = (forMs: number): Promise<Figures> =>
    context === undefined
      ? drive(ask, { inFlight, forMs })
      : requestContext.run(context, () => drive(ask, { inFlight, forMs }));
  await run(500);
  return (await run(1_000)).cpuUs;
};

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);

const compare = (): void => {
  const seen = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const way of Object.keys(ways)) {
      for (const inFlight of [64, 512]) {
        const args = [import.meta.filename, way, String(inFlight)];
        const figure = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
        const key = `${way.padEnd(26)}${String(inFlight).padStart(4)} in flight`;
        seen.set(key, [...(seen.get(key) ?? []), figure]);
      }
    }
  }
  for (const [key, figures] of seen) {
    process.stdout.write(`${key}  ${median(figures).toFixed(2).padStart(6)} µs a call\n`);
  }
};

const [, , way, inFlight] = process.argv;
if (way === undefined) compare();
else {
  process.stdout.write(String(await measure(way, Number(inFlight))));
  folder[Symbol.dispose]();
  process.exit();
}
