/** One fault after the other under traffic: minutes and seed as arguments. */
import { inspect } from 'node:util';
import { soak } from '../test/process/faults/soak.ts';
import { leastOfEach, median, slopePerHour } from './figures.ts';

const minutes = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? 1);

const { requests, failed, failures, done, sightings } = await soak(minutes, seed).catch((error) => {
  // One that came while another was on its way is told of by neither.
  process.stderr.write(`${inspect(error, { depth: 6 })}\n`);
  return process.exit(1);
});
const memory = sightings.map(({ at, residentMb: value }) => ({ at, value }));
const files = sightings.map(({ openFiles }) => openFiles);
const tenth = Math.ceil(sightings.length / 10);
/** It gives back what a moment took, now and then: what it keeps shows when it has. */
const lows = leastOfEach(5 * 60_000, memory);
const residents = Array.from({ length: 10 }, (_, index) =>
  median(memory.slice(index * tenth, (index + 1) * tenth).map(({ value }) => value)).toFixed(1),
);
process.stdout.write(
  [
    `${minutes} min, seed ${seed}: ${done.length} faults, ${failed} of ${requests} requests failed ${JSON.stringify(failures)}`,
    `supervisor resident ${Math.max(...memory.map(({ value }) => value)).toFixed(1)} MB at most, slope of the second half ${slopePerHour(memory).toFixed(2)} MB/h`,
    `the least of each five minutes: ${lows.map(({ value }) => value.toFixed(1)).join(', ')} MB, slope ${slopePerHour(lows).toFixed(2)} MB/h`,
    `in its tenths, at the median: ${residents.join(', ')} MB`,
    `open files ${median(files.slice(0, tenth))} at first, ${median(files.slice(-tenth))} at last`,
    '',
  ].join('\n'),
);
if (process.argv.includes('--series')) {
  for (const one of sightings) process.stdout.write(`${JSON.stringify(one)}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
