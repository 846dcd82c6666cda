import { runUntilStopped } from '../run-until-stopped.ts';
import { Supervisor } from '../supervisor.ts';

/** Entry of a supervisor that takes over a run; a process of that run starts it. */
const [runDir = ''] = process.argv.slice(2);

// Whoever hands over to this process waits for a word that it has come up.
process.stdout.write('standing by\n');
try {
  process.exitCode = await runUntilStopped(() => Supervisor.succeed(runDir));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
