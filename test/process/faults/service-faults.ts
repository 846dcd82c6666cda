import { setTimeout as after } from 'node:timers/promises';
import { ask, type Fault, free } from './fault.ts';
import type { FaultApp } from './fault-app.ts';

/** Does something to one worker of the target, which is the same process all the while. */
const living = async (app: FaultApp, use: () => Promise<void>): Promise<void> => {
  const before = await app.pidsOf('target');
  await use();
  const now = await app.pidsOf('target');
  if (now.join() !== before.join()) throw new Error('a worker was ended');
  await app.apply({ kind: 'restart', service: 'target' });
  await app.whole(before);
};

/** As often as this at most may the routes change for one service. */
const changeEveryMs = 2_000;
const lookEveryMs = 50;
/** So many looks at the health of a service, which are a second apart. */
const looks = 3;

/** Resolves when a worker of the target has been asked so many times more how it is. */
const lookedAt = async (app: FaultApp, pid: number): Promise<void> => {
  const looksAt = (least: number) => async (): Promise<number | undefined> => {
    const response = await fetch(`${app.http}/read/1`);
    const answer = (await response.json()) as { readonly pid: number; readonly looks: number };
    return answer.pid === pid && answer.looks >= least ? answer.looks : undefined;
  };
  const first = await app.until('an answer of the worker', looksAt(0));
  await app.until('more looks at its health', looksAt(first + looks));
};

const workerOf = async (app: FaultApp, pid: number): Promise<string | undefined> => {
  const { services } = await app.status();
  const workers = services.flatMap((service) => service.workers);
  return workers.find((worker) => worker.pid === pid)?.id;
};

/** How often this worker of the target was taken out of the routes or put back. */
const routeChanges = async (
  app: FaultApp,
  worker: string | undefined,
  use: Promise<void>,
): Promise<number> => {
  let changes = 0;
  let isOver = false;
  const over = use.finally(() => {
    isOver = true;
  });
  const isOut = async () =>
    (await app.routesTo('target')).find(({ workerId }) => workerId === worker)?.draining;
  for (let before = await isOut(); !isOver; await after(lookEveryMs)) {
    const now = await isOut();
    if (now !== before) changes += 1;
    before = now;
  }
  await over;
  return changes;
};

/** The services of each worker share its fate; all others do not notice. */
const sharedDeath = async (app: FaultApp): Promise<void> => {
  await app.apply({ kind: 'colocate', service: 'target', with: ['front'] });
  const others = async () =>
    [...(await app.pidsOf('neighbour')), ...(await app.pidsOf('looper'))].join();
  const [before, group] = [await others(), await app.pidsOf('target')];
  const pid = await app.order('uncaught');
  await app.until('another worker in its place', async () => {
    const now = await app.pidsOf('target');
    return now.length === group.length && !now.includes(pid) ? true : undefined;
  });
  const [front, target] = [await app.pidsOf('front'), await app.pidsOf('target')];
  if (front.join() !== target.join()) throw new Error('the group is not told as one');
  if ((await others()) !== before) throw new Error('who shares no worker with it was ended');
  await app.apply({ kind: 'split', service: 'target' });
  await app.apply({ kind: 'scale', service: 'target', workers: 2 });
  await app.whole();
};

/** What a service can do to others, and to itself without an end of its worker. */
export const serviceFaults: readonly Fault[] = [
  free('A8', 'worker whose event loop is blocked for 150 ms each second', (app) =>
    living(app, async () => {
      const startedAt = new Date();
      await app.order('stutter');
      await ask(app, 300);
      const told = (await app.toldSince(startedAt)).find((text) =>
        text.includes('does not answer'),
      );
      if (told !== undefined) throw new Error(told);
    }),
  ),
  free('A12', 'worker whose health is another at each look', (app) =>
    living(app, async () => {
      const pid = await app.order('waver');
      const startedAt = performance.now();
      const changes = await routeChanges(app, await workerOf(app, pid), lookedAt(app, pid));
      const allowed = (performance.now() - startedAt) / changeEveryMs;
      if (changes > allowed) throw new Error(`its routes changed ${changes} times`);
    }),
  ),
  {
    ...free('A16', 'one of two services that share workers throws', sharedDeath),
    killsWorker: true,
  },
];
