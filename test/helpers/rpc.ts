import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contract, emptyContract } from '../../src/protocol/contract.ts';
import type { RoutingTable } from '../../src/protocol/topology.ts';
import { Caller, type CallerOptions } from '../../src/sdk/rpc/calling/caller.ts';
import { Tries } from '../../src/sdk/rpc/calling/tries.ts';
import type { CallHandler, OutboundCall } from '../../src/sdk/rpc/calls.ts';
import { type RpcServer, serveRpc } from '../../src/sdk/rpc/server.ts';

export type Folder = Disposable & { readonly path: string };

export const temporaryFolder = (): Folder => {
  const path = mkdtempSync(join(tmpdir(), 'forge-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

export type Callee = AsyncDisposable & { readonly path: string };

/** Answers calls within the test's own process. */
export const answer = async (handler: CallHandler): Promise<Callee & { server: RpcServer }> => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  const server = await serveRpc(path, handler);
  return {
    path,
    server,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      folder[Symbol.dispose]();
    },
  };
};

export type CalleeProcess = Callee & { readonly kill: () => Promise<void> };

/** Answers calls in a process of its own, such as `pid`, `ran`, `echo` and `block`. */
export const answerElsewhere = async (
  options: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CalleeProcess> => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'rpc.sock');
  const program = join(import.meta.dirname, '../fixtures/rpc/callee.ts');
  const { args = [], env = process.env } = options;
  const child = spawn(process.execPath, [...args, program, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  await once(child.stdout, 'data');
  return {
    path,
    kill: () => kill(child),
    [Symbol.asyncDispose]: async () => {
      await kill(child);
      folder[Symbol.dispose]();
    },
  };
};

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

export type TestCaller = Disposable & {
  readonly caller: Caller;
  /** Calls the service `users`. */
  readonly call: (method: string, change?: Partial<OutboundCall>) => Promise<unknown>;
  /** From now on these answer for `users`. */
  readonly route: (...callees: readonly Callee[]) => void;
};

export const callerOf = (
  callees: readonly Callee[],
  options: Partial<CallerOptions> = {},
): TestCaller => {
  const tries = new Tries({ mostWaiting: 1_000 });
  const caller = new Caller({ requestTimeoutMs: 30_000, maxPending: 1_000, tries, ...options });
  let generation = 0;
  const route = (...to: readonly Callee[]): void => {
    generation += 1;
    caller.update(tableOf(generation, to));
  };
  route(...callees);
  return {
    caller,
    route,
    call: (method, change = {}) =>
      caller.call({ kind: 'call', service: 'users', method, args: [], from: 'test', ...change }),
    [Symbol.dispose]: () => caller.close(),
  };
};

const tableOf = (generation: number, callees: readonly Callee[]): RoutingTable => ({
  generation,
  services: {
    users: { contract: emptyContract satisfies Contract, endpoints: callees.map(toEndpoint) },
  },
  remotes: [],
});

const toEndpoint = ({ path }: Callee, index: number) => ({
  workerId: `users#${index + 1}`,
  rpcPath: path,
  httpPath: '',
  draining: false,
});
