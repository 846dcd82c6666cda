import { expect, test } from 'vitest';
import type { RoutingTable } from '../../src/protocol/topology.ts';
import { Hooks } from '../../src/sdk/worker/hooks.ts';
import type { Hosted } from '../../src/sdk/worker/hosted.ts';

const tableOf = (workers: number, standby: readonly string[] = []): RoutingTable => {
  const endpoints = Array.from({ length: workers }, (_, index) => `pool#${index + 1}`).map(
    (workerId) => ({
      workerId,
      draining: standby.includes(workerId),
      ...(standby.includes(workerId) && { standby: true }),
    }),
  );
  return { services: { pool: { endpoints } } } as unknown as RoutingTable;
};

test('a service that takes its time is told the last number last, and never two at once', async () => {
  const told: string[] = [];
  const ready = Promise.withResolvers<void>();
  const scaled = Promise.withResolvers<void>();
  const service = {
    ctx: { workerId: 'pool#2' },
    onReady: async () => {
      await ready.promise;
      told.push('ready');
    },
    onScale: async (workers: number) => {
      told.push(`of ${workers}`);
      if (workers === 3) await scaled.promise;
      told.push('done');
    },
  };
  const hosted = { name: 'pool', service, failure: undefined } as unknown as Hosted;
  const hooks = new Hooks(new Map([['pool', hosted]]), () => undefined);

  hooks.update(tableOf(2));
  hooks.update(tableOf(3));
  ready.resolve();
  await expect.poll(() => told).toEqual(['ready', 'of 3']);
  hooks.update(tableOf(5));
  hooks.update(tableOf(4));
  hooks.update(tableOf(4));
  scaled.resolve();
  await expect.poll(() => told).toEqual(['ready', 'of 3', 'done', 'of 4', 'done']);
  hooks.update(tableOf(4));
  hooks.update(tableOf(2));
  await expect.poll(() => told.slice(5)).toEqual(['of 2', 'done']);
});

test('a service hears that new workers have taken its place, and that they were no good', async () => {
  const told: string[] = [];
  const service = {
    ctx: { workerId: 'pool#2' },
    onReady: () => void told.push('ready'),
    onScale: (workers: number) => void told.push(`of ${workers}`),
    onStandby: () => void told.push('standby'),
    onResume: () => void told.push('resume'),
  };
  const hosted = { name: 'pool', service, failure: undefined } as unknown as Hosted;
  const hooks = new Hooks(new Map([['pool', hosted]]), () => void told.push('sockets'));

  hooks.update(tableOf(2));
  hooks.update(tableOf(3));
  hooks.update(tableOf(4, ['pool#1']));
  await expect.poll(() => told).toEqual(['ready', 'of 4']);
  hooks.update(tableOf(4, ['pool#1', 'pool#2']));
  await expect.poll(() => told.slice(2)).toEqual(['sockets', 'standby']);
  hooks.update(tableOf(4));
  hooks.update(tableOf(2));
  await expect.poll(() => told.slice(4)).toEqual(['resume', 'of 2']);
});
