import { expect, test } from 'vitest';
import { figuresOf, type Loop, openLoop } from '../helpers/loop.ts';
import { actionsOf, eventsOf, statusOf } from '../helpers/status.ts';

const workersOfOrders = async ({ demo }: Loop): Promise<readonly string[]> => {
  const { services } = await statusOf(demo);
  return services.find(({ name }) => name === 'orders')?.workers.map(({ status }) => status) ?? [];
};

const quietWithinMs = 60_000;
const adviceLimitMs = 60_000;
const verdictLimitMs = 60_000;

/** One run of the whole loop, by the keys and the screen of the console alone. */
test('an operator in a rush is advised, reads the plan, applies it, sees the verdict and takes it back', {
  timeout: 240_000,
}, async () => {
  await using loop = await openLoop({ phases: 'calm:4,rush:170', quietWithinMs });
  const { top, demo } = loop;

  const advised = await top.shows(/ADVISOR .* scale_up orders 1 → 2 workers/, adviceLimitMs);
  expect(advised.join('\n')).toMatch(/why +\S.* (cores are idle|for \d+ s)/);

  top.type('a');
  const plan = (await top.shows(/y apply.*escape cancel.*confirm/)).join('\n');
  expect(plan).toContain('PLAN  Scale orders from 1 to 2 workers');
  expect(plan).toContain('nothing changed yet');
  expect(plan).toMatch(/effect +CPU \d+→\d+ %/);
  expect(plan).toContain('undo       u at any time, or forge scale orders 1');
  expect(await workersOfOrders(loop)).toEqual(['ready']);

  top.type('y');
  await top.shows('done: scale orders to 2; its effect is being measured');
  expect(await workersOfOrders(loop)).toEqual(['ready', 'ready']);

  // How much it helped is a matter of the machine, also whether that can be told at all.
  await top.shows(
    /last scale orders 1→2: (?:. (?:it helped|no effect), P99 \d+ ms, (?:predicted \d+|not)|done, no verdict)/,
    verdictLimitMs,
  );
  const [scaled] = await actionsOf(demo);
  const events = await eventsOf(demo);
  expect(scaled).toMatchObject({ status: 'done', by: { origin: 'top' }, failedRequests: 0 });
  expect(scaled?.verification?.actual.latencyP99Ms).toBeGreaterThan(0);

  top.type('u');
  await top.shows('PLAN  Undo scale orders');
  top.type('y');
  await top.shows('undone: scale orders to 1');
  expect(await workersOfOrders(loop)).toEqual(['ready']);
  expect((await actionsOf(demo))[1]?.status).toBe('undone');

  const load = await loop.load.stop();
  expect(load).toMatchObject({ failed: 0, failures: {} });
  expect(scaled && figuresOf({ events, scaled, load }).relievedAfterMs).toBeDefined();
});
