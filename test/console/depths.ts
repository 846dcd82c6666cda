import type { Explanation } from '../../src/protocol/explanation.ts';
import type { Inspection } from '../../src/protocol/inspection.ts';
import type { LogLine } from '../../src/protocol/logs.ts';
import type { SlowCalls } from '../../src/protocol/slow-calls.ts';

const megabyte = 1024 * 1024;

/** Orders looked into, at the moment of the rush. */
export const inspection: Inspection = {
  service: 'orders',
  latency: [
    { upToMs: 1, count: 0 },
    { upToMs: 2, count: 12 },
    { upToMs: 5, count: 340 },
    { upToMs: 10, count: 520 },
    { upToMs: 20, count: 800 },
    { upToMs: 50, count: 900 },
    { upToMs: 100, count: 610 },
    { upToMs: 200, count: 700 },
    { upToMs: 500, count: 1_100 },
    { upToMs: 1_000, count: 640 },
    { upToMs: 2_000, count: 3 },
    { upToMs: 5_000, count: 0 },
    { upToMs: 5_000, count: 0 },
  ],
  split: { cpuMs: 8.4, loopWaitMs: 210.2, downstreamMs: 31.9, otherMs: 1.2 },
  workers: [
    {
      id: '_isolated:orders#1',
      requestsPerSecond: 108,
      p99Ms: 612,
      heapUsedBytes: 61 * megabyte,
      gcPercent: 1.24,
    },
  ],
  calls: [
    { from: 'gateway', to: 'orders', perSecond: 108, meanMs: 340, outstanding: 240 },
    { from: 'orders', to: 'users', perSecond: 108, meanMs: 2.1, outstanding: 0, breaker: 'closed' },
    { from: 'orders', to: 'billing', perSecond: 54, meanMs: 24, outstanding: 7, breaker: 'open' },
  ],
  settings: [
    { key: 'orders.entry', value: '/srv/shop/services/orders.js', isOperators: false },
    { key: 'orders.group', value: '_isolated:orders', isOperators: false },
    { key: 'orders.connects', value: ['users', 'billing'], isOperators: false },
    { key: 'orders.timeouts.start', value: 10_000, isOperators: false },
    { key: 'orders.workers.min', value: 1, isOperators: false },
    { key: 'orders.workers.max', value: 4, isOperators: false },
    { key: 'orders.workers.initial', value: 1, isOperators: true },
  ],
};

const worker = '_isolated:orders#1';

const record = (second: number, level: 'info' | 'warn' | 'error', msg: string): LogLine => {
  const time = `2026-11-25T09:38:${String(second).padStart(2, '0')}.120Z`;
  const fields = {
    time,
    level,
    service: 'orders',
    worker,
    msg,
    id: `o-${second}`,
    tookMs: second * 9,
  };
  return { time, service: 'orders', worker, level, line: JSON.stringify(fields) };
};

/** What orders wrote: records of `ctx.log`, and a line of plain text. */
export const logLines: readonly LogLine[] = [
  ...Array.from({ length: 40 }, (_, second) => {
    if (second % 9 === 8) return record(second, 'error', 'deadline exceeded users.get 500 ms');
    if (second % 7 === 6) return record(second, 'warn', 'the event loop was late by 140 ms');
    return record(second, 'info', `POST /orders 201 ${300 + second} ms`);
  }),
  {
    time: '2026-11-25T09:38:41.000Z',
    service: 'orders',
    worker,
    line: 'GET /health 200 from a plain console.log',
  },
];

/** Why the advisor says what it says of `orders`. */
export const explanation: Explanation = {
  version: 1,
  app: 'shop',
  at: '2026-11-25T09:38:19.629Z',
  service: 'orders',
  verdict: 'scale_up: it is short of CPU',
  signals: [{ signal: 'cpu', value: 92, warning: 60, critical: 85, heldMs: 5_000 }],
  time: { cpu: 0.9, loopWait: 0.1, external: 0, downstream: {} },
  load: { workers: 1, cores: 0.9, requestsPerSecond: 108, busyPercent: 92, idleCores: 0.8 },
  candidates: [],
  tree: Array.from({ length: 40 }, (_, index) => ({
    question: `question ${index + 1}`,
    answer: 'yes',
    numbers: 'CPU 92 %, critical at 85 %',
  })),
  notAdvised: [],
  wouldChange: ['CPU per worker under 60 %'],
};

/** What took longest in `orders`; one of its workers does not answer. */
export const slow: SlowCalls = {
  version: 1,
  app: 'shop',
  at: '2026-11-25T09:38:19.629Z',
  service: 'orders',
  calls: [
    {
      at: '2026-11-25T09:38:18.120Z',
      worker: '_isolated:orders#1',
      kind: 'raw',
      method: 'POST /orders',
      tookMs: 612.4,
      waitedMs: 240,
      from: 'ingress',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      outcome: 'failed',
    },
    {
      at: '2026-11-25T09:38:11.940Z',
      worker: '_isolated:orders#1',
      kind: 'event',
      method: 'user.created',
      tookMs: 8.25,
      waitedMs: 0,
      from: 'users',
      traceId: '8a3c60f7d188f8fa79d48a391a778fa6',
      outcome: 'ok',
    },
  ],
  silent: ['_isolated:orders#2'],
};
