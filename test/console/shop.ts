import type { Action, Plan } from '../../src/protocol/action.ts';
import type { Recommendation } from '../../src/protocol/advice.ts';
import type { Snapshot, TimelineEvent } from '../../src/protocol/control/messages.ts';
import type { ServiceStatus } from '../../src/protocol/metrics.ts';
import { defaultThresholds } from '../../src/protocol/thresholds.ts';
import { isolatedGroup } from '../../src/protocol/topology.ts';

/** A shop at one moment, in the figures of a real run. */
const at = '2026-11-25T09:38:19.629Z';
const startedAt = '2026-11-25T09:33:03.042Z';
const megabyte = 1024 * 1024;

const service = (name: string, figures: Partial<ServiceStatus> = {}): ServiceStatus => {
  const group = figures.group ?? isolatedGroup(name);
  return {
    name,
    group,
    colocatedWith: [],
    status: 'ready',
    severity: 'ok',
    workers: [worker(`${group}#1`)],
    cpu: 1,
    memoryBytes: 85 * megabyte,
    pending: 0,
    requestsPerSecond: 10,
    errorRate: 0,
    latencyMs: { p50: 0.7, p90: 2, p99: 6, max: 7 },
    ...figures,
  };
};

const worker = (id: string, rssBytes = 85 * megabyte): ServiceStatus['workers'][number] => ({
  id,
  pid: 9_017,
  status: 'ready',
  cpu: 1,
  eventLoopUtilization: 0.01,
  rssBytes,
  pending: 0,
  restarts: 0,
  startedAt,
});

const main = ['users', 'catalog', 'search', 'thumbnails'];
const inMain = (name: string, requestsPerSecond: number): ServiceStatus =>
  service(name, {
    group: 'main',
    colocatedWith: main.filter((other) => other !== name),
    requestsPerSecond,
  });

const restOfTheShop = [
  service('gateway'),
  inMain('users', 120),
  inMain('catalog', 10),
  inMain('search', 6),
  inMain('thumbnails', 0),
];

const orders: ServiceStatus = service('orders', {
  severity: 'critical',
  workers: [{ ...worker('_isolated:orders#1', 150 * megabyte), cpu: 92, pending: 240 }],
  cpu: 92,
  memoryBytes: 150 * megabyte,
  pending: 240,
  requestsPerSecond: 108,
  latencyMs: { p50: 340, p90: 590, p99: 612, max: 640 },
});

export const scaleUp: Recommendation = {
  id: 'r-0e36',
  service: 'orders',
  action: 'scale_up',
  severity: 'critical',
  confidence: 0.85,
  since: at,
  reason: 'P99 is 612 ms (critical at 500 ms) for 5 s and 0.8 cores are idle',
  evidence: [
    { signal: 'cpu', value: 92, warning: 60, critical: 85, heldMs: 4_000 },
    { signal: 'latencyP99Ms', value: 612, warning: 100, critical: 500, heldMs: 5_000 },
    { signal: 'pending', value: 240, warning: 50, critical: 200, heldMs: 5_000 },
  ],
  details: { currentWorkers: 1, suggestedWorkers: 2, neededCores: 0.92, idleCores: 0.8 },
  prediction: {
    cpu: { from: 92, to: 46, low: 43, high: 50 },
    latencyP99Ms: { from: 612, to: 180, low: 150, high: 220 },
    pending: { from: 240, to: 40, low: 20, high: 60 },
  },
  command: 'forge scale orders 2',
  config: { orders: { workers: 2 } },
  steps: ['Start 1 more worker of orders and wait until ready', 'Route to them'],
};

export const investigate: Recommendation = {
  ...scaleUp,
  id: 'r-77aa',
  service: 'billing',
  action: 'investigate',
  severity: 'warning',
  confidence: 0.7,
  reason: 'P99 is 287 ms (warning at 100 ms) and 92 % of it is spent outside this app',
  evidence: [{ signal: 'latencyP99Ms', value: 287, warning: 100, critical: 500, heldMs: 40_000 }],
  details: { externalMs: 264, externalPercent: 92 },
  prediction: {},
  command: 'forge explain billing',
  config: {},
  steps: ['Look at the slowest database or HTTP call of this service'],
};

export const plan: Plan = {
  request: { kind: 'scale', service: 'orders', workers: 2 },
  title: 'Scale orders from 1 to 2 workers',
  steps: ['Start 1 worker of orders and wait until ready', 'Route to them'],
  guards: [
    { text: 'no action of the last minutes is still being measured', isAgainst: false },
    { text: 'orders may have 1 to 4 workers, and gets 2', isAgainst: false },
    { text: 'the machine is at 95 %: new workers take from the old ones', isAgainst: true },
  ],
  undo: 'forge scale orders 1',
  command: 'forge scale orders 2',
};

export const scaled: Action = {
  id: 'a-1',
  kind: 'scale',
  service: 'orders',
  by: { uid: 1_000, user: 'ada', tty: '/dev/pts/0', origin: 'top' },
  why: scaleUp.reason,
  recommendation: scaleUp.id,
  from: { group: '_isolated:orders', workers: 1 },
  to: { group: '_isolated:orders', workers: 2 },
  status: 'done',
  startedAt: '2026-11-25T09:37:49.000Z',
  finishedAt: '2026-11-25T09:37:49.500Z',
  failedRequests: 0,
  undo: 'forge undo a-1',
};

export const helped: Action = {
  ...scaled,
  verification: {
    predicted: { cpu: 46, latencyP99Ms: 180 },
    actual: { cpu: 48, latencyP99Ms: 171 },
    helped: true,
  },
};

const event = (time: string, change: Partial<TimelineEvent>): TimelineEvent => ({
  at: `2026-11-25T${time}.000Z`,
  kind: 'advice',
  severity: 'critical',
  service: 'orders',
  text: `scale_up advised: ${scaleUp.reason}`,
  ...change,
});

const ramp = (from: number, to: number): number[] =>
  Array.from({ length: 60 }, (_, second) =>
    second < 45 ? from : from + ((to - from) * (second - 44)) / 15,
  );

/** The moment at which the advice to scale orders up has just come. */
export const rush: Snapshot = {
  status: {
    version: 1,
    app: 'shop',
    at,
    supervisor: { pid: 8_962, startedAt, adoptedWorkers: 0, version: '1.4.0' },
    machine: {
      name: 'vm',
      startedAt: '2026-11-13T09:00:00.000Z',
      load: 1.42,
      cores: 2,
      cpu: 69.2,
      memoryBytes: 24 * 1024 * megabyte,
      memoryUsedBytes: 2 * 1024 * megabyte,
    },
    services: [
      ...restOfTheShop,
      orders,
      service('billing', { latencyMs: { p50: 20, p90: 28, p99: 31, max: 40 }, pending: 7 }),
      service('mailer', { memoryBytes: 72 * megabyte }),
    ],
  },
  advice: {
    version: 1,
    app: 'shop',
    at,
    thresholds: defaultThresholds,
    recommendations: [scaleUp],
    notAdvised: [],
  },
  actions: [],
  events: [
    event('09:37:40', { kind: 'worker', severity: 'ok', service: 'billing', text: 'ready again' }),
    event('09:38:19', {}),
  ],
  history: { orders: { cpu: ramp(4, 92), p99: ramp(30, 612) } },
};

const quiet = service('orders', {
  workers: [worker('_isolated:orders#1'), worker('_isolated:orders#2')],
  memoryBytes: 300 * megabyte,
  latencyMs: { p50: 12, p90: 60, p99: 71, max: 90 },
});

/** No service under pressure, and no advice. */
export const calm: Snapshot = {
  ...rush,
  status: {
    ...rush.status,
    services: rush.status.services.map((each) => (each.name === 'orders' ? quiet : each)),
  },
  advice: { ...rush.advice, recommendations: [] },
};

/** Two recommendations, of which the second is for a person. */
export const twice: Snapshot = {
  ...rush,
  advice: { ...rush.advice, recommendations: [scaleUp, investigate] },
};

/** Half a minute after the accepted advice: it has helped. */
export const relieved: Snapshot = {
  ...calm,
  actions: [helped],
  events: [
    ...rush.events,
    event('09:37:49', {
      kind: 'action',
      severity: 'ok',
      text: 'ada scale orders×1 → orders×2: done',
    }),
    event('09:38:19', {
      kind: 'verification',
      severity: 'ok',
      text: 'it helped: P99 171 ms, predicted 180',
    }),
  ],
};

const replaced = { ...worker('_isolated:orders#1'), status: 'draining', standby: true } as const;

/** A reload of `orders` has brought a new worker, and the old one is kept at hand. */
export const baking: Snapshot = {
  ...calm,
  status: {
    ...calm.status,
    services: calm.status.services.map((each) =>
      each.name === 'orders'
        ? { ...each, workers: [replaced, worker('_isolated:orders#2')] }
        : each,
    ),
  },
};
