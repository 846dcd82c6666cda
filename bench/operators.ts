/** Operators who do anything at any time, and supervisors that die of it: steps and seed as arguments. */
import { operate } from '../test/process/faults/operators.ts';

const steps = Number(process.argv[2] ?? 500);
const seed = Number(process.argv[3] ?? 1);

const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const { requests, failed, failures, refused } = await operate(seed, steps, tell);
process.stdout.write(
  `${steps} steps, seed ${seed}: ${refused} refused, ${failed} of ${requests} requests failed ${JSON.stringify(failures)}\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
