import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One control group: its folder, and which of the two interfaces it speaks. */
export type Cgroup = { readonly version: 1 | 2; readonly directory: string };

export type Controller = 'cpu' | 'cpuacct' | 'cpuset' | 'memory' | 'pids';

type Mount = { readonly point: string; readonly type: string; readonly options: readonly string[] };

/** The text of a file; undefined where there is none, or none for us. */
export const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Every file of /proc and of a control group may be missing: kernels and containers differ.
    return undefined;
  }
};

/**
 * The groups of this process that have a say in a controller, the innermost first: a limit holds
 * for all below it. In a container the path may lead outside of what is mounted; then the mounted
 * folder is the container's own.
 */
export const cgroupsOf = (controller: Controller, root = '/'): readonly Cgroup[] => {
  const legacy = mountsOf(root).find(
    ({ type, options }) => type === 'cgroup' && options.includes(controller),
  );
  return legacy === undefined ? unifiedCgroups(root) : upwards(legacy, pathOf(controller, root), 1);
};

/** The groups of this process in the unified hierarchy, the innermost first. */
export const unifiedCgroups = (root = '/'): readonly Cgroup[] => {
  const mount = mountsOf(root).find(({ type }) => type === 'cgroup2');
  return mount === undefined ? [] : upwards(mount, pathOf('', root), 2);
};

const upwards = (mount: Mount, path: string, version: 1 | 2): readonly Cgroup[] => {
  const names = path.split('/').filter((name) => name !== '');
  const paths = names.includes('..') ? [] : names.map((_, index) => names.slice(0, index + 1));
  return [[], ...paths]
    .map((inside) => ({ version, directory: join(mount.point, ...inside) }))
    .filter(({ directory }) => existsSync(directory))
    .toReversed();
};

/** Lines of /proc/self/cgroup: `4:memory:/path`, and `0::/path` for the unified hierarchy. */
const pathOf = (controller: Controller | '', root: string): string => {
  const lines = (readText(join(root, 'proc/self/cgroup')) ?? '').split('\n');
  const line = lines.find((each) => each.split(':')[1]?.split(',').includes(controller));
  return line?.split(':').slice(2).join(':') ?? '/';
};

/** Lines of /proc/mounts: `cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0`. */
const mountsOf = (root: string): readonly Mount[] =>
  (readText(join(root, 'proc/mounts')) ?? '').split('\n').flatMap((line) => {
    const [, point, type, options] = line.split(' ');
    if (point === undefined || type === undefined || !type.startsWith('cgroup')) return [];
    return [{ point: join(root, unescaped(point)), type, options: options?.split(',') ?? [] }];
  });

const unescaped = (point: string): string =>
  point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
