/** Kills supervisors without a successor at random moments, and counts what is left of each app. */
import { randomInt } from 'node:crypto';
import { killSupervisorAfter, type Leftovers } from '../test/process/orphan-trial.ts';

const trials = Number(process.argv[2] ?? 100);
const atOnce = 2;
/** From before the first worker is there to well into serving and scaling. */
const latestMs = 4_000;

const found: Leftovers[] = [];
const run = async (): Promise<void> => {
  while (found.length < trials) found.push(await killSupervisorAfter(randomInt(50, latestMs)));
};
await Promise.all(Array.from({ length: atOnce }, run));
const bad = found.filter(({ processes, files }) => processes.length > 0 || files.length > 0);
process.stdout.write(
  `${found.length} supervisors killed 50–${latestMs} ms after their start: ${bad.length} left something\n`,
);
for (const one of bad) process.stdout.write(`  ${JSON.stringify(one)}\n`);
process.exitCode = bad.length === 0 ? 0 : 1;
