import { setTimeout as after } from 'node:timers/promises';

export type Asking = {
  /** Resolves when so many were asked: of few, that none failed says little. */
  readonly reach: (count: number) => Promise<void>;
  /** What failed. */
  readonly stop: () => Promise<{ readonly failures: readonly string[] }>;
};

/** Without it the clients fill the machine, and what they watch has to wait for them. */
const pauseMs = 15;

/** Asks one request after the other, `clients` at a time, until told to stop. */
export const keepAsking = (url: string, clients = 4): Asking => {
  const failures: string[] = [];
  let asked = 0;
  let stopped = false;
  const ask = async (): Promise<void> => {
    while (!stopped) {
      asked += 1;
      const response = await fetch(`${url}/${asked}`).catch((error) => String(error));
      if (typeof response === 'string') failures.push(response);
      else if (response.status !== 200) failures.push(`${response.status}`);
      if (typeof response !== 'string') await response.text();
      await after(pauseMs);
    }
  };
  const asking = Promise.all(Array.from({ length: clients }, ask));
  return {
    reach: async (count) => {
      while (asked < count) await after(pauseMs);
    },
    stop: async () => {
      stopped = true;
      await asking;
      return { failures };
    },
  };
};
