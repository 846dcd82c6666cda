import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export type SlowDatabase = Disposable & { readonly port: number };

/** Answers one connection after the other, however many wait: a pool of one. */
export const startSlowDatabase = async (answerMs: number): Promise<SlowDatabase> => {
  const waiting: Socket[] = [];
  const timer = setInterval(() => waiting.shift()?.end('row'), answerMs);
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
