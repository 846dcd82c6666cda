import type { Assignment } from '../../protocol/worker/messages.ts';
import { keepOutput } from '../channel/output.ts';
import { Worker } from './worker.ts';

/** Entry of a worker process; its assignment comes from the supervisor that started it. */
const assignment = JSON.parse(process.env['FORGE_WORKER'] ?? '{}') as Assignment;
delete process.env['FORGE_WORKER'];
keepOutput(assignment.workerId);

const die = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
};

// Ctrl-C is for the supervisor, which drains first.
process.on('SIGINT', () => undefined);

// What fails until here is told by Node itself, which knows the file and the line of a wrong token.
const worker = await Worker.run(assignment);
process.on('uncaughtException', die);
process.on('unhandledRejection', die);
process.once('SIGTERM', () => void worker.stop('SIGTERM'));
