import type { Assignment } from '../../protocol/worker/messages.ts';
import { authorText } from '../channel/error-text.ts';
import { keepOutput } from '../channel/output.ts';
import { showTitle } from '../channel/title.ts';
import { Worker } from './worker.ts';

/** Entry of a worker process; its assignment comes from the supervisor that started it. */
const assignment = JSON.parse(process.env['FORGE_WORKER'] ?? '{}') as Assignment;
delete process.env['FORGE_WORKER'];
keepOutput(assignment.workerId);
showTitle({
  app: assignment.app,
  who: assignment.workerId,
  services: assignment.services.map(({ name }) => name),
});

const die = (error: unknown): void => {
  process.stderr.write(`${authorText(error)}\n`);
  process.exit(1);
};

process.on('uncaughtException', die);
process.on('unhandledRejection', die);
// Ctrl-C is for the supervisor, which drains first.
process.on('SIGINT', () => undefined);

const worker = await Worker.run(assignment).catch((error: unknown) => {
  // In which file and line a token is wrong only Node can say, and does so when nobody listens.
  if (error instanceof SyntaxError) {
    process.off('uncaughtException', die);
    process.off('unhandledRejection', die);
  }
  throw error;
});
process.once('SIGTERM', () => void worker.stop('SIGTERM'));
