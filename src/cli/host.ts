import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { relayBegins } from '../protocol/control/messages.ts';
import type { ForgeError } from '../protocol/forge-error.ts';
import {
  hostForgeOlder,
  hostRefused,
  hostUnreachable,
  hostWithoutForge,
  sshMissing,
} from '../protocol/host-errors.ts';
import type { Target } from './target.ts';

/** The control socket of another machine, as if it were one of this machine. */
export type Host = AsyncDisposable & { readonly socketPath: string };

const silent = ['-o', 'BatchMode=yes'] as const;

/**
 * Each connection is a `forge relay` on the other machine, reached by the system's own ssh with all
 * that its user has set up. The socket lies in a folder that only its user can enter; no port is opened.
 */
export const openHost = async (
  host: string,
  target: Target,
  { mayAsk = true }: { readonly mayAsk?: boolean } = {},
): Promise<Host> => {
  const ways = new Set<Way>();
  const begin = (...options: readonly string[]): Way => {
    const way = openWay(host, target, options);
    ways.add(way);
    void way.ended.then(() => ways.delete(way));
    return way;
  };
  // Only before the console has the screen can ssh ask for a password.
  let first: Way | undefined = mayAsk ? begin() : begin(...silent);
  const failure = await first.begun;
  if (failure !== undefined) throw failure;
  const folder = await mkdtemp(join(tmpdir(), 'forge-host-'));
  // The console calls an app by the folder of its socket.
  const named = join(folder, host.replaceAll(/[^\w.@-]/g, '_').slice(0, 40));
  await mkdir(named);
  const socketPath = join(named, 'control.sock');
  const server = createServer((socket) => {
    const way = first ?? begin(...silent);
    first = undefined;
    void joinTo(socket, way);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      for (const { ssh } of ways) ssh.kill();
      await Promise.all([...ways].map(({ ended }) => ended));
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
};

type Ssh = { readonly stdin: Writable; readonly stdout: Readable; readonly kill: () => boolean };

type Way = {
  readonly ssh: Ssh;
  /** Resolves when the relay has begun, or with what has hindered it. */
  readonly begun: Promise<ForgeError | undefined>;
  readonly ended: Promise<unknown>;
};

const openWay = (host: string, target: Target, options: readonly string[]): Way => {
  const alive = ['-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3'];
  const ssh = execa('ssh', ['-T', '-C', ...alive, ...options, '--', host, remoteCommand(target)], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false },
    reject: false,
  });
  // A way that ends tells so by its exit; a write that comes too late is no further trouble.
  for (const stream of [ssh.stdin, ssh.stdout]) stream.on('error', () => undefined);
  const failed = ssh.then(({ exitCode, stderr, code }) =>
    code === 'ENOENT' ? sshMissing() : failureOf(host, exitCode, stderr),
  );
  const begun = Promise.race([relayBegun(ssh.stdout).then(() => undefined), failed]);
  return { ssh, begun, ended: failed };
};

/** Leaves what comes after the line in the stream. */
const relayBegun = (stdout: Readable): Promise<void> =>
  new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    const hear = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk]);
      const at = heard.indexOf(relayBegins);
      if (at < 0) return;
      stdout.off('data', hear).pause();
      const rest = heard.subarray(at + relayBegins.length);
      if (rest.length > 0) stdout.unshift(rest);
      resolve();
    };
    stdout.on('data', hear);
  });

const joinTo = async (socket: Socket, { ssh, begun, ended }: Way): Promise<void> => {
  socket.on('error', () => socket.destroy());
  socket.once('close', () => ssh.kill());
  void ended.then(() => socket.destroy());
  socket.pipe(ssh.stdin);
  await begun;
  ssh.stdout.pipe(socket);
};

const failureOf = (
  host: string,
  exitCode: number | undefined,
  stderr: string,
): ForgeError | undefined => {
  const [said = ''] = stderr.trim().split('\n').slice(-1);
  if (exitCode === undefined || exitCode === 0) return undefined;
  if (exitCode === 255) return hostUnreachable(host, said);
  if (exitCode === 127) return hostWithoutForge(host);
  if (/unknown command/.test(stderr)) return hostForgeOlder(host);
  const told = stderr.split('\n').find((line) => line.startsWith('forge: '));
  return hostRefused(host, told?.slice('forge: '.length) ?? said);
};

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The app is looked for there, as it would be here. */
const remoteCommand = (target: Target): string => {
  const names = ['app', 'config', 'socket'] as const;
  const options = names.flatMap((name) => {
    const value = target[name];
    return value === undefined ? [] : [`--${name} ${quoted(value)}`];
  });
  return ['forge relay', ...options].join(' ');
};
