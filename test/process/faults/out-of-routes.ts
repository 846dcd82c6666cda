import { setTimeout as after } from 'node:timers/promises';
import { tells } from './fault.ts';
import type { FaultApp } from './fault-app.ts';

export const isUnrouted = async (app: FaultApp, pid: number): Promise<true> => {
  const { services } = await app.status();
  const workers = services.flatMap((service) => service.workers);
  const id = workers.find((one) => one.pid === pid)?.id;
  return app.until(`${id} to get no requests`, async () => {
    const routes = await app.routesTo('target');
    return routes.some(({ workerId, draining }) => workerId === id && !draining) ? undefined : true;
  });
};

/** For so long after it was noticed: nobody waits five seconds for it. */
const stillMs = 1_500;

/** Not so long that it is replaced: it gets requests again. */
export const stoppedForAMoment = async (app: FaultApp): Promise<void> => {
  const [pid = 0] = await app.pidsOf('target');
  await tells(app, /its process is stopped/, async () => {
    process.kill(pid, 'SIGSTOP');
    await isUnrouted(app, pid)
      .then(() => after(stillMs))
      .finally(() => process.kill(pid, 'SIGCONT'));
  });
  const wanted = (await app.pidsOf('target')).length;
  await app.until('it to get requests again', async () => {
    const routed = (await app.routesTo('target')).filter(({ draining }) => !draining);
    return routed.length === wanted ? true : undefined;
  });
  if (!(await app.pidsOf('target')).includes(pid)) throw new Error('it was replaced');
};
