import type { Log } from '../context.ts';
import { errorText } from './error-text.ts';

/** One JSON object a line on stdout, which is a file that outlives the supervisor. */
export const logOf = (service: string, worker: string): Log => {
  const write =
    (level: string) =>
    (msg: string, fields: object = {}): void => {
      const own = { time: new Date().toISOString(), level, service, worker, msg };
      // No field can pretend to be of another service or time.
      process.stdout.write(`${JSON.stringify({ ...own, ...fields, ...own })}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};

/** A hook of a service that failed, for its log. */
export const report = (service: string, hook: string, error: unknown): void => {
  process.stderr.write(`${service}.${hook} failed: ${errorText(error)}\n`);
};
