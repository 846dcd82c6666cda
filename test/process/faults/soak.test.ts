import { expect, test } from 'vitest';
import { Heap } from './heap.ts';
import { type Sighting, soak } from './soak.ts';

const minutes = 5;
const seed = Date.now() % 1_000;

/** By then everything that is kept for a while has reached its bound or is small. */
const warmMs = 60_000;
/** What is kept for longer, as the journal of actions, still grows; a leak here would be more. */
const mostGrowth = { heapMb: 3, residentMb: 8 };
/** A console, or a log segment that is just being rotated. */
const mostFilesMore = 6;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Of what comes late against what came first; not every sighting tells everything. */
const growthOf = (
  sightings: readonly Sighting[],
  of: (one: Sighting) => number | undefined,
): number => {
  const told = sightings.flatMap((one) => of(one) ?? []);
  const third = Math.floor(told.length / 3);
  expect(third).toBeGreaterThan(0);
  return median(told.slice(-third)) - median(told.slice(0, third));
};

test(`${minutes} minutes of one fault after the other cost no request, and the supervisor does not grow (seed ${seed})`, {
  timeout: (minutes + 3) * 60_000,
}, async ({ annotate }) => {
  const { requests, failed, failures, done, costly, sightings } = await soak(minutes, seed, {
    heap: await Heap.onFreePort(),
    everyMs: 10_000,
    pauseMs: 30,
  });
  expect(requests).toBeGreaterThan(5_000);
  expect(done.length).toBeGreaterThan(20);
  expect(failed, `${costly.join(' ')}: ${JSON.stringify(failures)}`).toBe(0);

  const warm = sightings.filter(({ at }) => at > warmMs);
  const heapMb = growthOf(warm, (one) => one.heapMb);
  const residentMb = growthOf(warm, (one) => one.residentMb);
  await annotate(`${requests} requests`);
  await annotate(`grew by ${heapMb.toFixed(1)} MB of heap, ${residentMb.toFixed(1)} MB resident`);
  expect(heapMb).toBeLessThan(mostGrowth.heapMb);
  expect(residentMb).toBeLessThan(mostGrowth.residentMb);
  expect(growthOf(warm, ({ openFiles }) => openFiles)).toBeLessThan(mostFilesMore);
});
