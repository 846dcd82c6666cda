import { keepSmall } from '../small-process.ts';
import type { Supervisor } from '../supervisor.ts';

keepSmall();
const { runUntilStopped } = await import('../run-until-stopped.ts');
const supervisor = await import('../supervisor.ts');

/**
 * Entry of a supervisor that takes over a run; a process of that run starts it, and says how many
 * listening descriptors it hands on.
 */
const [runDir = '', descriptors = '0'] = process.argv.slice(2);

const start = (): Promise<Supervisor> => {
  // Whoever hands over to this process waits for a word that it has come up.
  process.stdout.write(`standing by ${process.pid}\n`);
  return supervisor.Supervisor.succeed(runDir, Number(descriptors) > 0);
};

try {
  process.exitCode = await runUntilStopped({ start, tookOver: true });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
