import type { Snapshot } from '../../src/protocol/control/messages.ts';
import type { ServiceStatus } from '../../src/protocol/metrics.ts';
import { severityOf } from '../../src/protocol/thresholds.ts';
import { isolatedGroup } from '../../src/protocol/topology.ts';
import { rush } from '../console/shop.ts';

const begin = Date.parse('2026-11-25T09:00:00.000Z');

/** Figures that differ from service to service and from moment to moment. */
const wave = (service: number, tick: number, top: number): number =>
  (top * (1 + Math.sin(service * 1.7 + tick * 0.9) * 0.9)) / 2;

const minute = (tick: number, of: (at: number) => number): readonly number[] =>
  Array.from({ length: 60 }, (_, second) => of(tick - 59 + second));

/** An app of so many services in which every figure changes with every tick. */
export const crowd = (count: number, tick: number): Snapshot => {
  const services = Array.from({ length: count }, (_, index) => serviceOf(index, tick));
  const history = Object.fromEntries(
    services.map(({ name }, index) => [
      name,
      {
        cpu: minute(tick, (at) => Math.round(wave(index, at, 100))),
        p99: minute(tick, (at) => Math.round(wave(index, at + 2, 700) * 10) / 10),
      },
    ]),
  );
  const at = new Date(begin + tick * 1_000).toISOString();
  return { ...rush, status: { ...rush.status, at, services }, history, points: 60 + tick };
};

const serviceOf = (index: number, tick: number): ServiceStatus => {
  const [first] = rush.status.services;
  const [worker] = first?.workers ?? [];
  if (first === undefined || worker === undefined) throw new Error('the shop is empty');
  const name = `service-${index}`;
  const group = isolatedGroup(name);
  const cpu = wave(index, tick, 100);
  const p99 = wave(index, tick + 2, 700);
  return {
    ...first,
    name,
    group,
    severity: severityOf(cpu, { warning: 60, critical: 85 }),
    workers: [1, 2].map((number) => ({ ...worker, id: `${group}#${number}`, cpu })),
    cpu,
    requestsPerSecond: wave(index, tick + 1, 900),
    errorRate: wave(index, tick, 0.05),
    latencyMs: { p50: p99 / 4, p90: p99 / 2, p99, max: p99 * 2 },
    pending: Math.round(wave(index, tick + 3, 300)),
    memoryBytes: wave(index, tick + 4, 900) * 1024 * 1024,
  };
};
