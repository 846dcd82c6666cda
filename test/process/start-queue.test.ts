import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPlaces } from '../../src/supervisor/crew/start-queue.ts';
import { startShop, type TestApp } from './engine-app.ts';

const statuses = ({ engine }: TestApp): readonly string[] =>
  engine.services().flatMap(({ workers }) => workers.map(({ status }) => status));

const howMany = (app: TestApp, wanted: string): number =>
  statuses(app).filter((status) => status === wanted).length;

test('of twenty-four workers that need a core to start, no more start at once than can, and all come up', async () => {
  const places = startPlaces(2);
  await using app = await startShop({
    works: { entry: './services/works-when-loaded.mjs', workers: 24 },
  });
  expect([howMany(app, 'starting'), howMany(app, 'waiting')]).toEqual([places, 24 - places]);

  await app.engine.settled();

  expect(howMany(app, 'ready')).toBe(24);
  const atOnce = readFileSync(join(app.directory, 'at-once.txt'), 'utf8').trim().split('\n');
  expect(atOnce).toHaveLength(24);
  expect(Math.max(...atOnce.map(Number))).toBeLessThanOrEqual(places);
});

test('workers that wait for their turn when the app is stopped are never started', async () => {
  await using app = await startShop({
    works: { entry: './services/works-when-loaded.mjs', workers: 24 },
  });
  const started = new Set<string>();
  const look = (): void => {
    for (const { id, pid } of app.engine.services().flatMap(({ workers }) => workers)) {
      if (pid > 0) started.add(id);
    }
  };
  look();
  app.engine.on('change', look);

  await app.engine.stop();

  expect(started.size).toBe(startPlaces(2));
  expect(app.processes()).toEqual([]);
});

test('workers that load are told where the others are when all of them are known, and not at each one', async () => {
  await using app = await startShop({
    counts: { entry: './services/counts-tables.mjs', workers: 12 },
  });
  await app.engine.settled();

  const tables = readFileSync(join(app.directory, 'tables.txt'), 'utf8').trim().split('\n');
  expect(tables).toHaveLength(12);
  expect(Math.max(...tables.map(Number))).toBeLessThanOrEqual(2);
});
