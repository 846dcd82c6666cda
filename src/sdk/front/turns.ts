import type { IncomingMessage } from 'node:http';

/** A socket that always has more would be read by megabytes, and others wait meanwhile. */
const mostInTurn = 64 * 1_024;

/** Lets others have their turn while a body comes in, however fast it does. */
export const readInTurns = (request: IncomingMessage): void => {
  let read = 0;
  request.on('data', ({ length }: Buffer) => {
    read += length;
    if (read < mostInTurn) return;
    read = 0;
    request.pause();
    setImmediate(() => request.resume());
  });
};
