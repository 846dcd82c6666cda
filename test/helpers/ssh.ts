import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

const main = join(import.meta.dirname, '../../dist/cli/main.js');
const server = '/usr/sbin/sshd';

export type SshServer = AsyncDisposable & {
  /** With these a program finds an `ssh` that knows the server and its key. */
  readonly env: Readonly<Record<string, string>>;
  readonly host: string;
  /** Another name of the same machine, on which no `forge` is installed. */
  readonly bare: string;
  /** Its way to the server takes so long in each direction. */
  readonly far: string;
  /** Bytes that went the far way so far, in both directions. */
  readonly passed: () => number;
  /** From now on so many packets get there, and back; the others wait until more may pass. */
  readonly lets: (there: number, back: number) => void;
};

export type SshOptions = { readonly delayMs?: number; readonly forge?: string };

const script = (file: string, text: string): void => {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
};

/** A real sshd of our own on loopback, with keys made for it. */
export const startSshServer = async ({
  delayMs = 100,
  forge,
}: SshOptions = {}): Promise<SshServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'forge-ssh-'));
  const file = (name: string): string => join(folder, name);
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  }
  execFileSync('cp', [file('user.pub'), file('authorized')]);
  mkdirSync(file('remote'));
  mkdirSync(file('local'));
  script(file('remote/forge'), forge ?? `exec ${process.execPath} ${main} "$@"`);
  script(file('local/ssh'), `exec /usr/bin/ssh -F ${file('ssh_config')} "$@"`);
  // Started as root it wants this folder, which only its own package's service makes.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  const barePort = await freePort();
  const daemons = [
    await startDaemon(folder, port, `${file('remote')}:/usr/bin:/bin`),
    await startDaemon(folder, barePort, '/usr/bin:/bin'),
  ];
  const proxy = await startDelay(port, delayMs);
  const name = (alias: string, at: number): string =>
    `Host ${alias}\n  HostName 127.0.0.1\n  Port ${at}\n`;
  writeFileSync(
    file('ssh_config'),
    `${name('near', port)}${name('bare', barePort)}${name('far', proxy.port)}Host *\n  User ${userInfo().username}\n  IdentityFile ${file('user')}\n  IdentitiesOnly yes\n  SendEnv LANG NO_COLOR\n  IgnoreUnknown ObscureKeystrokeTiming\n  ObscureKeystrokeTiming no\n  UserKnownHostsFile ${file('known')}\n  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n`,
  );
  return {
    env: { PATH: `${file('local')}:${process.env['PATH']}` },
    host: 'near',
    bare: 'bare',
    far: 'far',
    passed: proxy.passed,
    lets: proxy.lets,
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      for (const daemon of daemons) {
        daemon.kill('SIGTERM');
        await new Promise((resolve) => daemon.once('exit', resolve));
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const startDaemon = async (folder: string, port: number, path: string) => {
  const config = join(folder, `sshd-${port}`);
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin yes',
      `SetEnv PATH=${path}`,
      'AcceptEnv LANG NO_COLOR',
      '',
    ].join('\n'),
  );
  const daemon = spawn(server, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    daemon.stderr.on('data', (text: Buffer) => {
      said += text;
      if (said.includes('Server listening')) resolve();
    });
    daemon.once('exit', () => reject(new Error(`sshd does not start: ${said}`)));
  });
  return daemon;
};

/** What goes one way, in its order. */
class Lane {
  #left = Number.POSITIVE_INFINITY;
  readonly #waiting: (() => void)[] = [];

  send(packet: () => void): void {
    this.#waiting.push(packet);
    this.#go();
  }

  lets(packets: number): void {
    this.#left = packets;
    this.#go();
  }

  #go(): void {
    while (this.#left > 0 && this.#waiting.length > 0) {
      this.#left -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** Passes everything on, so much later. */
const startDelay = async (port: number, delayMs: number) => {
  const sockets = new Set<Socket>();
  const [there, back] = [new Lane(), new Lane()];
  let passed = 0;
  const pass = (from: Socket, to: Socket, lane: Lane): void => {
    sockets.add(from);
    from.on('data', (chunk) => {
      passed += chunk.length;
      setTimeout(() => lane.send(() => to.write(chunk)), delayMs);
    });
    from.on('end', () => setTimeout(() => lane.send(() => to.end()), delayMs));
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
  };
  const proxy = createServer((socket) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.setNoDelay(true);
    pass(socket, far, there);
    pass(far, socket, back);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    passed: () => passed,
    lets: (packetsThere: number, packetsBack: number) => {
      there.lets(packetsThere);
      back.lets(packetsBack);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
};
