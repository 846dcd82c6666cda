import type { Log } from '../context.ts';

/** One JSON object a line on stdout, which is a file that outlives the supervisor. */
export const logOf = (service: string, worker: string): Log => {
  const write =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      const time = new Date().toISOString();
      const line = { time, level, service, worker, msg: message, ...fields };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};
