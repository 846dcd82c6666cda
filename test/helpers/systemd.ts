import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

export type Systemd = AsyncDisposable & {
  /** Runs a program beside it, as an operator of that machine would. */
  readonly run: (...command: readonly string[]) => Promise<Ended>;
  /** One property of a unit, as `systemctl show` has it. */
  readonly property: (unit: string, name: string) => Promise<string>;
};

type Ended = { readonly code: number; readonly output: string };

/**
 * As process 1 of namespaces of its own: it owns a part of the control groups and a /run, sees only
 * the units given, and shares the network and the other files.
 */
const boot = `
  mount --make-rprivate /
  mount -t tmpfs tmpfs /run
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  export container=test SYSTEMD_UNIT_PATH="$1"
  exec /lib/systemd/systemd --system --unit=basic.target --log-target=null --show-status=no
`;
const enterGroup = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
const namespaces = ['--mount', '--pid', '--cgroup', '--uts', '--ipc'];

/** What a service depends on unless it says otherwise. */
const targets = ['sysinit', 'basic', 'shutdown', 'network', 'multi-user'];

/** A real systemd that manages one unit. */
export const bootSystemd = async (name: string, unit: string): Promise<Systemd> => {
  const units = mkdtempSync(join(tmpdir(), 'forge-systemd-'));
  writeFileSync(join(units, name), unit);
  for (const target of targets) {
    writeFileSync(join(units, `${target}.target`), '[Unit]\nDefaultDependencies=no\n');
  }
  const group = join(cgroupMount(), `forge-test-${process.pid}`);
  mkdirSync(group);
  const unshare = ['unshare', ...namespaces, '--fork', '--kill-child', '--mount-proc'];
  const child = spawn(
    'sh',
    ['-c', enterGroup, group, ...unshare, 'sh', '-c', boot, 'boot', units],
    {
      stdio: 'ignore',
    },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const run = (...command: readonly string[]): Promise<Ended> => runInside(child, command);
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await expect
      .poll(() => readFileSync(join(group, 'cgroup.events'), 'utf8'))
      .toContain('populated 0');
    removeGroup(group);
    rmSync(units, { recursive: true });
  };
  try {
    const state = async (): Promise<string> =>
      (await run('systemctl', 'is-active', 'basic.target')).output;
    await expect.poll(state).toBe('active');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    run,
    property: async (of, property) =>
      (await run('systemctl', 'show', of, '--value', '-p', property)).output,
    [Symbol.asyncDispose]: close,
  };
};

const cgroupMount = (): string =>
  / (\S+) cgroup2 /.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? '/sys/fs/cgroup';

const runInside = (unshare: ChildProcess, command: readonly string[]): Promise<Ended> => {
  const children = readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8');
  const args = ['-t', children.trim(), '-m', '-p', '-u', '-i', '-C', ...command];
  return new Promise((resolve) => {
    execFile('nsenter', args, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: (stdout + stderr).trim() });
    });
  });
};

const removeGroup = (directory: string): void => {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(directory, entry.name));
  }
  rmdirSync(directory);
};
