import { keepSmall } from '../small-process.ts';
import type { Supervisor } from '../supervisor.ts';

keepSmall();
const { runUntilStopped } = await import('../run-until-stopped.ts');
const supervisor = await import('../supervisor.ts');
const { knowsPorts } = await import('./hand-over.ts');

/**
 * Entry of a supervisor that takes over a run; a process of that run starts it, and says of which
 * ports it hands on the descriptors. One of an earlier version says only how many, and then it is all.
 */
const [runDir = '', count = '0', ports] = process.argv.slice(2);
const byPosition = Number(count) > 0 ? 'all' : undefined;
const handedOn = ports === undefined ? byPosition : (ports.match(/\d+/g) ?? []).map(Number);

const start = (): Promise<Supervisor> => {
  // Whoever hands over to this process waits for a word that it has come up.
  process.stdout.write(`standing by, ${knowsPorts} ${process.pid}\n`);
  return supervisor.Supervisor.succeed(runDir, handedOn);
};

try {
  process.exitCode = await runUntilStopped({ start, tookOver: true });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
