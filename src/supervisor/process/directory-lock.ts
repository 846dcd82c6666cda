import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/**
 * Takes a directory for this process, or one use of it; undefined while another one has it. The lock is an abstract
 * socket: the kernel gives it to one process only and takes it back when that one dies, however it
 * dies.
 */
export const lockDirectory = (directory: string, use = ''): Promise<Server | undefined> => {
  const { dev, ino } = statSync(directory);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0threadforge/${dev}/${ino}${use}`, () => resolve(server.unref()));
  });
};
