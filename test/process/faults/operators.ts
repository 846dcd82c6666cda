import { setTimeout as after } from 'node:timers/promises';
import fc from 'fast-check';
import type { ActionRequest } from '../../../src/protocol/action.ts';
import type { Status } from '../../../src/protocol/metrics.ts';
import { startTraffic } from '../../helpers/traffic.ts';
import { type FaultApp, startFaultApp } from './fault-app.ts';
import { clientsFor } from './run-fault.ts';

/** What somebody does to an app, or what befalls it. */
type Step =
  | { readonly type: 'order'; readonly request: ActionRequest }
  | { readonly type: 'undo' }
  | { readonly type: 'reload' | 'upgrade' }
  /** In the middle of an order, or after it. */
  | { readonly type: 'killSupervisor'; readonly request: ActionRequest; readonly afterMs: number };

export type OperatorsReport = {
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Each step, and how the app was laid out after it. */
  readonly done: readonly string[];
  readonly refused: number;
};

/** Service → how many workers it may be given; nobody asks for the looper, which may be stopped. */
const most = { front: 2, target: 6, neighbour: 2, looper: 1 };
const services = Object.keys(most) as readonly (keyof typeof most)[];
const anyService = fc.constantFrom(...services);
const anyPair = fc.shuffledSubarray([...services], { minLength: 2, maxLength: 2 });

const anyRequest: fc.Arbitrary<ActionRequest> = fc.oneof(
  anyService.chain((service) =>
    fc.integer({ min: 1, max: most[service] }).map((workers) => ({
      kind: 'scale' as const,
      service,
      workers,
    })),
  ),
  anyPair.map(([service = '', ...others]) => ({
    kind: 'colocate' as const,
    service,
    with: others,
  })),
  fc.record({
    kind: fc.constantFrom('split', 'reload', 'restart', 'rollback'),
    service: anyService,
  }),
  fc.record({ kind: fc.constantFrom('stop', 'start'), service: fc.constant('looper') }),
);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant('order'), request: anyRequest }) },
  { weight: 3, arbitrary: fc.constant({ type: 'undo' as const }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('reload', 'upgrade') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('killSupervisor'),
      request: anyRequest,
      afterMs: fc.nat(1_500),
    }),
  },
);

const clients = clientsFor({}).map((plan) => ({ ...plan, pauseMs: 20 }));

/**
 * So many steps in the order of the seed, under traffic. After each, what is routed, what runs and
 * what the status says must be the same, and no layout may come from nowhere; throws otherwise.
 */
export const operate = async (
  seed: number,
  count: number,
  tell: (line: string) => void = () => undefined,
): Promise<OperatorsReport> => {
  await using app = await startFaultApp();
  await using traffic = startTraffic(app.http, clients);
  const shift = new Shift(app, tell);
  for (const step of fc.sample(anyStep, { seed, numRuns: count })) {
    await shift.take(step).catch((cause: unknown) => {
      throw new Error(`seed ${seed}:\n${shift.done.slice(-12).join('\n')}`, { cause });
    });
  }
  const { done, failed, failures } = await traffic.stop();
  const requests = Object.values(done).reduce((sum, each) => sum + each, failed);
  return { requests, failed, failures, done: shift.done, refused: shift.refused };
};

class Shift {
  readonly #app: FaultApp;
  readonly #tell: (line: string) => void;
  readonly done: string[] = [];
  refused = 0;
  /** What an undo leads back to, as long as nothing else has happened. */
  #left: string | undefined;

  constructor(app: FaultApp, tell: (line: string) => void) {
    this.#app = app;
    this.#tell = tell;
  }

  async take(step: Step): Promise<void> {
    const before = layoutOf(await this.#app.status());
    this.#note(JSON.stringify(step));
    const isDone = await perform(this.#app, step);
    const now = layoutOf(await atRest(this.#app));
    this.#note(`  ${isDone ? '' : 'refused; '}${now}`);
    const due = isDone ? dueAfter(step, { before, left: this.#left }) : before;
    if (due !== undefined && due !== now) throw new Error(`it should be ${due}`);
    if (!isDone) this.refused += 1;
    this.#left = isDone && step.type === 'order' && now !== before ? before : undefined;
  }

  #note(line: string): void {
    this.done.push(line);
    this.#tell(line);
  }
}

/** How the app must be laid out after a step; undefined where that is for the supervisor to say. */
const dueAfter = (
  step: Step,
  { before, left }: { readonly before: string; readonly left: string | undefined },
): string | undefined => {
  if (step.type === 'undo') return left;
  if (step.type === 'order') return keepsLayout.includes(step.request.kind) ? before : undefined;
  return step.type === 'killSupervisor' ? undefined : before;
};

const keepsLayout: readonly ActionRequest['kind'][] = ['reload', 'restart', 'rollback'];

/** Nothing starts or leaves any more; what is routed and what runs is what the status says. */
const atRest = async (app: FaultApp): Promise<Status> => {
  const status = await app.until('the workers to be at rest', async () => {
    const found = await app.status();
    const isAtRest = found.services.every(({ workers }) =>
      workers.every((worker) => worker.status === 'ready' && worker.standby === undefined),
    );
    return isAtRest ? found : undefined;
  });
  for (const { name, workers } of status.services) {
    const routed = (await app.routesTo(name)).map(({ workerId }) => workerId);
    const ready = workers.map(({ id }) => id);
    if (routed.toSorted().join() !== ready.toSorted().join()) {
      throw new Error(`${name} is routed to ${routed}, and has ${ready}`);
    }
  }
  const workers = new Set(status.services.flatMap((each) => each.workers.map(({ pid }) => pid)));
  // The supervisor and the ingress.
  await app.until(`${workers.size} workers and 2 more to run`, async () =>
    app.processes().length === workers.size + 2 ? true : undefined,
  );
  return status;
};

/** Service → its group and how many it has. */
const layoutOf = ({ services: all }: Status): string =>
  all
    .map(({ name, group, status, workers }) => {
      const present = workers.filter((worker) => worker.standby === undefined).length;
      return `${name} ${status === 'stopped' ? status : `${group}×${present}`}`;
    })
    .join(', ');

/** Whether it was done; what is refused must not have changed anything. */
const perform = async (app: FaultApp, step: Step): Promise<boolean> => {
  switch (step.type) {
    case 'order':
      return isTaken(app.apply(step.request));
    case 'undo':
      return isTaken(app.undo());
    case 'reload':
    case 'upgrade':
      return succeeded(await app.forge(step.type));
    case 'killSupervisor':
      return killAmid(app, step);
  }
};

const succeeded = ({ code, stderr }: { readonly code: number; readonly stderr: string }): true => {
  if (code !== 0) throw new Error(stderr);
  return true;
};

const isTaken = (order: Promise<unknown>): Promise<boolean> =>
  order.then(
    () => true,
    (error: { readonly code?: string }) => {
      if (error.code === undefined) throw error;
      return false;
    },
  );

type Killing = Extract<Step, { readonly type: 'killSupervisor' }>;

/** The order has come to its end, was undone, or was refused: either way none is under way any more. */
const killAmid = async (app: FaultApp, { request, afterMs }: Killing): Promise<true> => {
  const { supervisor } = await app.status();
  const order = isTaken(app.apply(request));
  await Promise.race([order, after(afterMs)]);
  process.kill(supervisor.pid, 'SIGKILL');
  await order;
  await app.until('the next supervisor', async () => {
    const next = await app.status().catch(() => undefined);
    return next === undefined || next.supervisor.pid === supervisor.pid ? undefined : true;
  });
  return app.settled();
};
