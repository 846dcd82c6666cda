import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { runFiles } from '../../src/protocol/worker/succession.ts';
import { connect } from '../../src/sdk/control/client.ts';
import type { RunningApp } from './forge.ts';

export const socketOf = ({ env }: Pick<RunningApp, 'env'>): string =>
  runFiles.control(env['FORGE_RUN_DIR'] ?? '');

/** The first snapshot that is as wanted. */
export const snapshotWhen = async (
  app: Pick<RunningApp, 'env'>,
  isWanted: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> => {
  const seen = Promise.withResolvers<Snapshot>();
  const look = (snapshot: Snapshot): void => {
    if (isWanted(snapshot)) seen.resolve(snapshot);
  };
  await using client = await connect(socketOf(app), { role: 'viewer' });
  look(await client.subscribe(200, look));
  return await seen.promise;
};
