import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** `node (pid 4821)` for the process that listens on a port, where /proc lets us see it. */
export const portOwner = (port: number): string | undefined => {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeners(table, port)));
  if (inodes.size === 0) return undefined;
  const pid = attempt(() => readdirSync('/proc'), [])
    .filter((name) => /^\d+$/.test(name))
    .find((name) => holdsOneOf(name, inodes));
  if (pid === undefined) return undefined;
  return `${nameOf(pid)} (pid ${pid})`;
};

/** Program and script, as a shell shows them: of Node the kernel has the name of a thread only. */
const nameOf = (pid: string): string => {
  const [program = '', script = '-'] = attempt(
    () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'),
    [],
  );
  const name = program.startsWith('/') ? basename(program) : program;
  return `${name || 'process'}${/^(?:-|$)/.test(script) ? '' : ` ${script}`}`;
};

const listening = '0A';

const listeners = (table: string, port: number): readonly string[] => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return attempt(() => readFileSync(`/proc/net/${table}`, 'utf8'), '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === listening)
    .map((fields) => `socket:[${fields[9]}]`);
};

const holdsOneOf = (pid: string, inodes: ReadonlySet<string>): boolean =>
  attempt(() => readdirSync(`/proc/${pid}/fd`), []).some((fd) =>
    inodes.has(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')),
  );

/** Processes of other users, and those that end while we look, cannot be read. */
const attempt = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};
