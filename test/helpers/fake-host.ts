import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type FakeHost = Disposable & {
  readonly root: string;
  /** Writes more files, or new contents of some. */
  readonly write: (files: Readonly<Record<string, string>>) => void;
};

const cores = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** A tree of /proc and /sys as a machine with so many cores and 8 GB of memory shows it. */
export const fakeHost = (count: number, files: Readonly<Record<string, string>>): FakeHost => {
  const root = mkdtempSync(join(tmpdir(), 'forge-host-'));
  const write: FakeHost['write'] = (more) => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  };
  write({
    'proc/stat': ticks(cores(count).map(() => ({ busy: 0, idle: 0 }))),
    'proc/meminfo': 'MemTotal:        8388608 kB\nMemFree:  1 kB\n',
    'proc/self/status': `Name:\tnode\nCpus_allowed_list:\t0-${count - 1}\n`,
    ...files,
  });
  return { root, write, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
};

/** /proc/stat with these ticks of each core. */
export const ticks = (each: readonly { readonly busy: number; readonly idle: number }[]): string =>
  [
    'cpu  1 2 3 4 5 6 7 8 0 0',
    ...each.map(({ busy, idle }, core) => `cpu${core} ${busy} 0 0 ${idle} 0 0 0 0 0 0`),
    'intr 1',
  ].join('\n');

/** A container or a service of systemd on a host with the unified hierarchy alone. */
export const unified = (
  path: string,
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  'proc/mounts': 'proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n',
  'proc/self/cgroup': `0::${path}\n`,
  ...Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`sys/fs/cgroup/${name}`, text]),
  ),
});

/** A host with one hierarchy a controller, which mounts the unified one without controllers. */
export const legacy = (
  path: string,
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  'proc/mounts': [
    'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0',
    'cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0',
    'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n',
  ].join('\n'),
  'proc/self/cgroup': [
    `7:memory:${path}`,
    `4:cpu,cpuacct:${path}`,
    `2:cpuset:${path}`,
    `0::/\n`,
  ].join('\n'),
  ...Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`sys/fs/cgroup/${name}`, text]),
  ),
});
