import { createInterface } from 'node:readline';
import { drive, type Job } from '../../test/fixtures/apps/calls/drive.ts';

export type Asks = Readonly<Record<Job['ask'], ((id: number) => Promise<unknown>) | undefined>>;

/** The calling process of a pair: a job on each line of its input, figures on each of its output. */
export const takeJobs = async (asks: Partial<Asks>): Promise<void> => {
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const job = JSON.parse(line) as Job;
    const ask = asks[job.ask];
    const figures = ask === undefined ? {} : await drive(ask, job);
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
  process.exit();
};
