import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const calls = 'fsync,fdatasync';

/** What a dying disk does to a process: it takes what is written, and cannot be made to keep it. */
export const failSyncs = async (pid: number): Promise<AsyncDisposable> => {
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`];
  const tracer = spawn('strace', ['-f', '-p', String(pid), ...inject], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await isAttached(tracer);
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = once(tracer, 'exit');
      // It lets go of the process then.
      tracer.kill('SIGINT');
      await ended;
    },
  };
};

const isAttached = (tracer: ChildProcess): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  tracer.once('error', reject);
  tracer.once('exit', () => reject(new Error(`strace: ${said}`)));
  tracer.stderr?.on('data', (data: Buffer) => {
    said += String(data);
    if (/ attached/.test(said)) resolve();
  });
  return promise;
};
