import type { Log } from '../context.ts';
import { errorText } from './error-text.ts';
import { recordText } from './log-record.ts';

/** One JSON object a line on stdout, which is a file that outlives the supervisor. */
export const logOf = (service: string, worker: string): Log => {
  const write =
    (level: string) =>
    (msg: string, fields: object = {}): void => {
      const own = { time: new Date().toISOString(), level, service, worker, msg };
      process.stdout.write(`${recordText(own, fields)}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};

/** A hook of a service that failed, for its log. */
export const report = (service: string, hook: string, error: unknown): void => {
  process.stderr.write(`${service}.${hook} failed: ${errorText(error)}\n`);
};
