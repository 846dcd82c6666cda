import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/**
 * Keeps the output of this process usable on a full disk. Node gives a stream up at its first error;
 * here what cannot be written is counted and dropped, and the next write tries again.
 */
export const keepOutput = (worker: string): void => {
  for (const stream of [process.stdout, process.stderr]) {
    if (fstatSync(stream.fd).isFile()) keep(stream, worker);
  }
};

const keep = (stream: Writable & { readonly fd: number }, worker: string): void => {
  let lost = 0;
  let reason = '';
  let isTorn = false;
  const put = (bytes: Buffer): void => {
    for (let done = 0; done < bytes.length; isTorn = done < bytes.length) {
      done += writeSync(stream.fd, bytes, done);
    }
  };
  stream._write = (chunk: Buffer, _encoding, done) => {
    try {
      if (lost > 0) put(Buffer.from(`${isTorn ? '\n' : ''}${lossOf({ lost, reason, worker })}\n`));
      lost = 0;
      put(chunk);
    } catch (error) {
      // Nothing can be said now: it is said in the first line that can be written again.
      lost += 1;
      reason = String((error as NodeJS.ErrnoException).code);
    }
    done();
  };
};

const lossOf = (loss: {
  readonly lost: number;
  readonly reason: string;
  readonly worker: string;
}): string => {
  const { lost, reason, worker } = loss;
  const msg = `${lost} writes to this log were lost (${reason})`;
  return JSON.stringify({ time: new Date().toISOString(), level: 'warn', worker, msg });
};
