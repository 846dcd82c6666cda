import { expect, test } from 'vitest';
import { type Sighting, soak } from './soak.ts';

const minutes = 3;
const seed = Date.now() % 1_000;

const medianOf = (sightings: readonly Sighting[], of: (one: Sighting) => number): number =>
  sightings.map(of).toSorted((a, b) => a - b)[Math.floor(sightings.length / 2)] ?? 0;

/** By then everything that is kept for a while has reached its bound or is small. */
const warmMs = 60_000;
/** What is kept for longer, as the journal of actions, still grows; a leak here would be more. */
const mostGrowthMb = 8;
/** A console, or a log segment that is just being rotated. */
const mostFilesMore = 6;

test(`${minutes} minutes of one fault after the other cost no request, and the supervisor does not grow (seed ${seed})`, {
  timeout: (minutes + 3) * 60_000,
}, async ({ annotate }) => {
  const { requests, failed, failures, done, sightings } = await soak(minutes, seed);
  expect(requests).toBeGreaterThan(5_000);
  expect(done.length).toBeGreaterThan(20);
  expect(failed, JSON.stringify(failures)).toBe(0);

  const warm = sightings.filter(({ at }) => at > warmMs);
  const third = Math.floor(warm.length / 3);
  const [first, last] = [warm.slice(0, third), warm.slice(-third)];
  const memory = ({ residentMb }: Sighting): number => residentMb;
  const files = ({ openFiles }: Sighting): number => openFiles;
  const growthMb = medianOf(last, memory) - medianOf(first, memory);
  await annotate(`the supervisor grew by ${growthMb.toFixed(1)} MB`);
  expect(growthMb).toBeLessThan(mostGrowthMb);
  expect(medianOf(last, files) - medianOf(first, files)).toBeLessThan(mostFilesMore);
});
