import { randomUUID } from 'node:crypto';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../../src/protocol/units.ts';
import { cgroupsOf } from '../../src/supervisor/host/cgroups.ts';

export type MemoryCgroup = Disposable & { readonly directory: string };

/** A group below our own with a memory limit; undefined where none can be made. */
export const makeMemoryCgroup = (limit: Bytes): MemoryCgroup | undefined => {
  const [own] = cgroupsOf('memory');
  if (own === undefined) return undefined;
  const directory = join(own.directory, `forge-test-${randomUUID()}`);
  const remove = (): void => {
    try {
      rmdirSync(directory);
    } catch {
      // It was never made.
    }
  };
  try {
    mkdirSync(directory);
    const file = own.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
    // Not `w`: a file that is not there means that the group has no say in memory.
    writeFileSync(join(directory, file), String(limit), { flag: 'r+' });
  } catch {
    remove();
    return undefined;
  }
  return { directory, [Symbol.dispose]: remove };
};
