import { connect } from 'node:net';

/** Sends bytes as they are and gives what is answered until the ingress hangs up. */
export const say = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => undefined).once('close', () => resolve(answer));
    socket.write(bytes, 'latin1');
  });

/** Sends bytes, and hangs up at the first word of an answer. */
export const poke = (port: number, bytes: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').once('data', () => socket.destroy());
    socket.on('error', () => undefined).once('close', () => resolve());
    socket.write(bytes, 'latin1');
  });

export const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;

export const statusesOf = (answer: string): readonly number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));

/** So many at a time. */
export const inTurn = async <T, R>(
  all: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> => {
  const results: R[] = [];
  const left = all.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
};
