import { setTimeout as after } from 'node:timers/promises';
import { type Millis, ms, seconds } from '../../protocol/units.ts';
import type { WorkerProcess } from '../process/worker-process.ts';

/** The first requests come now. */
const restMs = seconds(1);
/** Half of all cores when what each has put off takes one for 40 ms, as its watchdog does. */
const pauseMs = (cores: number): Millis => ms(80 / cores);

/** Tells workers one after the other that all are up: what they do then leaves room for requests. */
export const tellSettled = async (
  workers: readonly Pick<WorkerProcess, 'send'>[],
  cores: number,
): Promise<void> => {
  await after(restMs, undefined, { ref: false });
  for (const worker of workers) {
    worker.send({ type: 'settled' });
    await after(pauseMs(cores), undefined, { ref: false });
  }
};
