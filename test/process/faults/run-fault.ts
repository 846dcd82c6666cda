import { type ClientPlan, startTraffic, type Traffic } from '../../helpers/traffic.ts';
import type { Fault } from './fault.ts';
import type { FaultApp, Figures } from './fault-app.ts';

export type Outcome = {
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly figures: Figures;
};

export type Load = {
  /** How often the fault is done. */
  readonly times: number;
  /** Requests at least, also when the faults are over sooner. */
  readonly requests: number;
  /** Pause between two requests of a client; 0 is as fast as it can, with which a machine is full. */
  readonly pauseMs: number;
};

/** Requests to the target that may be in flight at one time. */
export const targetClients = 8;

/** Has nothing to do with the target, and is to notice nothing. */
const neighbour = '/neighbour';

/** Half the clients keep their connections, half make a new one for each request; none tries again. */
const readers: readonly ClientPlan[] = [
  { kind: 'keep-alive', path: '/read/1', clients: targetClients / 4 },
  { kind: 'keep-alive', path: '/own/read/1', clients: targetClients / 4 },
  { kind: 'new-connection', path: '/read/2', clients: targetClients / 2 },
  { kind: 'keep-alive', path: neighbour, clients: 2 },
];
const writers: readonly ClientPlan[] = [
  { kind: 'keep-alive', path: '/write', method: 'POST', clients: 2 },
  { kind: 'new-connection', path: '/write', method: 'POST', clients: 2 },
];

/** The same, of the target alone. */
const atPort: readonly ClientPlan[] = [...readers, ...writers]
  .filter(({ path }) => path !== neighbour)
  .map((plan) => ({ ...plan, path: `/own${plan.path.replace('/own', '')}` }));

type Asked = Pick<Fault, 'killsWorker' | 'atPort'>;

export const clientsFor = ({ killsWorker, ...fault }: Asked): readonly ClientPlan[] => {
  if (fault.atPort) return atPort;
  return killsWorker ? readers : [...readers, ...writers];
};

const originFor = async (app: FaultApp, fault: Fault): Promise<string> => {
  if (!fault.atPort) return app.http;
  const { services } = await app.status();
  return `http://127.0.0.1:${services.find(({ name }) => name === 'target')?.port}`;
};

/** Of the answers of the neighbour before anything happened, and since. */
const noteNeighbour = (app: FaultApp, traffic: Traffic, before: number): void => {
  const all = traffic.tookMs(neighbour);
  if (all.length === 0) return;
  app.note('P99 beside it before, ms', p99(all.slice(0, before)));
  app.note('P99 beside it meanwhile, ms', p99(all.slice(before)));
};

const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;

/** Does a fault again and again to an app under traffic. */
export const runFault = async (app: FaultApp, fault: Fault, load: Load): Promise<Outcome> => {
  const clients = clientsFor(fault).map((plan) => ({ ...plan, pauseMs: load.pauseMs }));
  await using traffic = startTraffic(await originFor(app, fault), clients);
  await traffic.after(load.requests / 5);
  const before = traffic.tookMs(neighbour).length;
  for (let time = 0; time < load.times; time += 1) {
    await injectOnce(app, fault);
    await traffic.after(50);
  }
  noteNeighbour(app, traffic, before);
  const asked = (): number => {
    const { done, failed } = traffic.summary();
    return Object.values(done).reduce((sum, count) => sum + count, failed);
  };
  await traffic.after(Math.max(0, load.requests - asked()));
  const { failed, failures } = await traffic.stop();
  return { requests: asked(), failed, failures, figures: app.figures() };
};

/** The supervisor is the same afterwards, or another one, as the fault says. */
const injectOnce = async (app: FaultApp, fault: Fault): Promise<void> => {
  const before = (await app.status()).supervisor.pid;
  await fault.inject(app);
  const after = (await app.status()).supervisor.pid;
  if ((after !== before) !== (fault.takesSupervisor ?? false)) {
    throw new Error(`the supervisor was ${before}, and is ${after}`);
  }
};
