import type { Status } from '../protocol/metrics.ts';
import { moduleRemedy } from '../protocol/module-remedy.ts';
import type { Io } from './io.ts';

/** That of NOT_READY. */
export const notReadyCode = 3;

/** The app runs on without them, and somebody has to know. */
export const tellFailures = (io: Io, { services }: Status): void => {
  for (const { name, status, reason } of services) {
    if (status !== 'failed') continue;
    const see = `See \`forge logs ${name}\`, then \`forge restart ${name}\`.`;
    io.err(`${name} has failed: ${reason}\n  → ${moduleRemedy(reason ?? '', see)}\n`);
  }
};
