/** One fault after the other under traffic: minutes and seed as arguments. */
import { inspect } from 'node:util';
import { Heap } from '../test/process/faults/heap.ts';
import { soak } from '../test/process/faults/soak.ts';
import { leastOfEach, median, type Sighting, slopePerHour } from './figures.ts';

const minutes = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? 1);

const look = { heap: await Heap.onFreePort(), everyMs: 30_000, pauseMs: 20 };
const report = await soak(minutes, seed, look).catch((error) => {
  // One that came while another was on its way is told of by neither.
  process.stderr.write(`${inspect(error, { depth: 6 })}\n`);
  return process.exit(1);
});
const { requests, failed, failures, done, costly, sightings } = report;
const memory = sightings.map(({ at, residentMb: value }) => ({ at, value }));
const files = sightings.map(({ openFiles }) => openFiles);
const tenth = Math.ceil(sightings.length / 10);
/** What a moment took is given back now and then: what is kept shows when it has been. */
const lowsOf = (name: string, series: readonly Sighting[]): string => {
  const lows = leastOfEach(5 * 60_000, series);
  const all = lows.map(({ value }) => value.toFixed(1)).join(', ');
  return `${name}, the least of each five minutes: ${all} MB, slope of the second half ${slopePerHour(lows).toFixed(2)} MB/h`;
};
const collected = sightings.flatMap(({ at, heapMb, residentMb }) =>
  heapMb === undefined ? [] : [{ at, heapMb, residentMb }],
);
const residents = Array.from({ length: 10 }, (_, index) =>
  median(memory.slice(index * tenth, (index + 1) * tenth).map(({ value }) => value)).toFixed(1),
);
process.stdout.write(
  [
    `${minutes} min, seed ${seed}: ${done.length} faults, ${failed} of ${requests} requests failed ${costly.join(' ')} ${JSON.stringify(failures)}`,
    `supervisor resident ${Math.max(...memory.map(({ value }) => value)).toFixed(1)} MB at most, slope of the second half ${slopePerHour(memory).toFixed(2)} MB/h`,
    lowsOf('resident', memory),
    lowsOf(
      'its heap after a collection',
      collected.map(({ at, heapMb: value }) => ({ at, value })),
    ),
    lowsOf(
      'resident after a collection',
      collected.map(({ at, residentMb: value }) => ({ at, value })),
    ),
    `in its tenths, at the median: ${residents.join(', ')} MB`,
    `open files ${median(files.slice(0, tenth))} at first, ${median(files.slice(-tenth))} at last`,
    '',
  ].join('\n'),
);
if (process.argv.includes('--series')) {
  for (const one of sightings) process.stdout.write(`${JSON.stringify(one)}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
