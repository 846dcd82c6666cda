import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what the kernel gives to those who ask for any port, whom another test may be. */
const first = 20_000;
const last = 30_000;

/** A port that was free a moment ago, and that nobody gets who does not ask for it by number. */
export const freePort = async (): Promise<number> => {
  const port = randomInt(first, last);
  return (await isFree(port)) ? port : freePort();
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
