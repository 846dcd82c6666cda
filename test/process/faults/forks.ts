import { timed } from './fault.ts';
import type { FaultApp } from './fault-app.ts';

/** The supervisor, the ingress and the workers, and nothing that they started. */
export const isAlone = async (app: FaultApp): Promise<true> => {
  const { services } = await app.status();
  const known = services.flatMap(({ workers }) => workers).length;
  return app.until(`no more than ${known} workers and 2 more to run`, async () =>
    app.processes().length > known + 2 ? undefined : true,
  );
};

/** So many are there at least when the service is started anew. */
const earlyForks = 60;

/** They are ended with the worker while they multiply, whatever they do to get away. */
export const forkBomb = async (app: FaultApp): Promise<void> => {
  await app.order('forkBomb');
  await app.until('the first forks', async () =>
    app.processes().length < earlyForks ? undefined : true,
  );
  app.note('processes as they are ended', app.processes().length);
  await app.apply({ kind: 'restart', service: 'target' });
  await timed(app, 'none left after', () => isAlone(app));
  await app.whole();
};
