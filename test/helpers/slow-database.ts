import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export type SlowDatabase = Disposable & { readonly port: number };

const lookEveryMs = 5;

/**
 * Answers one connection after the other, however many wait: a pool of one. By the clock, as a busy
 * machine turns timers late: so many answers a second are given however full it is.
 */
export const startSlowDatabase = async (answerMs: number): Promise<SlowDatabase> => {
  const waiting: Socket[] = [];
  let dueAt = performance.now();
  const answerDue = (): void => {
    const now = performance.now();
    for (; dueAt <= now && waiting.length > 0; dueAt += answerMs) waiting.shift()?.end('row');
    // Time in which nobody waited is not made up for.
    if (waiting.length === 0) dueAt = Math.max(dueAt, now);
  };
  const timer = setInterval(answerDue, lookEveryMs);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    waiting.push(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      for (const socket of waiting) socket.destroy();
      server.close();
    },
  };
};
