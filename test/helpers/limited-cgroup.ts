import { randomUUID } from 'node:crypto';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../../src/protocol/units.ts';
import { type Cgroup, type Controller, cgroupsOf } from '../../src/supervisor/host/cgroups.ts';

export type LimitedCgroup = Disposable & { readonly directory: string };

type Limit = { readonly file: string; readonly most: number };

/** A group below our own with a limit; undefined where none can be made. */
const makeCgroup = (
  controller: Controller,
  limitOf: (own: Cgroup) => Limit,
): LimitedCgroup | undefined => {
  const [own] = cgroupsOf(controller);
  if (own === undefined) return undefined;
  const directory = join(own.directory, `forge-test-${randomUUID()}`);
  const remove = (): void => {
    try {
      rmdirSync(directory);
    } catch {
      // It was never made.
    }
  };
  const { file, most } = limitOf(own);
  try {
    mkdirSync(directory);
    // Not `w`: a file that is not there means that the group has no say in it.
    writeFileSync(join(directory, file), String(most), { flag: 'r+' });
  } catch {
    remove();
    return undefined;
  }
  return { directory, [Symbol.dispose]: remove };
};

export const makeMemoryCgroup = (limit: Bytes): LimitedCgroup | undefined =>
  makeCgroup('memory', ({ version }) => ({
    file: version === 2 ? 'memory.max' : 'memory.limit_in_bytes',
    most: limit,
  }));

export const makePidsCgroup = (most: number): LimitedCgroup | undefined =>
  makeCgroup('pids', () => ({ file: 'pids.max', most }));
