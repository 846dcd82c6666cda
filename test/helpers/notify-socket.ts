import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

export type NotifySocket = AsyncDisposable & {
  readonly path: string;
  /** What was heard so far: one list of assignments a datagram. */
  readonly heard: () => readonly (readonly string[])[];
  /** Resolves when such an assignment was heard after the first `from` datagrams. */
  readonly hears: (pattern: RegExp, from?: number) => Promise<string>;
};

/** Binds a datagram socket and prints what comes, a line each; Node itself has no such sockets. */
const receiver = `
  $| = 1;
  socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  bind($socket, pack_sockaddr_un($ARGV[0])) or die $!;
  print "bound\\n";
  while (defined recv($socket, my $message, 65536, 0)) {
    $message =~ tr/\\n/\\t/;
    print "$message\\n";
  }
`;

/** What systemd is for a service: a socket that hears how it is. */
export const openNotifySocket = async (): Promise<NotifySocket> => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-notify-'));
  const path = join(directory, 'socket');
  const child = spawn('perl', ['-MSocket', '-e', receiver, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const exited = new Promise((resolve) => child.once('close', resolve));
  const heard = (): readonly (readonly string[])[] =>
    text
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split('\t').filter((part) => part !== ''))
      // A sender's question whether all before it has been read.
      .filter(([first]) => first !== 'BARRIER=1');
  const find = (pattern: RegExp, from: number): string =>
    heard()
      .slice(from)
      .flat()
      .find((assignment) => pattern.test(assignment)) ?? '';
  await expect.poll(() => text).toContain('bound');
  return {
    path,
    heard,
    hears: async (pattern, from = 0) => {
      await expect.poll(() => find(pattern, from)).toMatch(pattern);
      return find(pattern, from);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
