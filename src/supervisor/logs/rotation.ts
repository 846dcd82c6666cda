import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { instant } from '../../protocol/units.ts';
import type { LogsConfig } from '../config/app-config.ts';
import { measureSegments } from './catalog.ts';
import { indexFile, segmentFile } from './names.ts';
import { planRotation } from './plan-rotation.ts';

/** Deletes the segments that are too old or too many. */
export const rotate = async (logs: string, limits: LogsConfig): Promise<void> => {
  const doomed = planRotation(await measureSegments(logs), limits, instant(Date.now()));
  for (const segment of doomed) {
    const file = segmentFile(logs, segment);
    await rm(file, { force: true });
    await rm(indexFile(file), { force: true });
  }
  for (const directory of new Set(doomed.map((one) => dirname(segmentFile(logs, one))))) {
    // Fails for a worker of which something is left, as it should.
    await rmdir(directory).catch(() => undefined);
  }
};
