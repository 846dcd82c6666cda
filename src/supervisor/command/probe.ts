import { connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';

export type Probe = {
  readonly port: number;
  /** Asked with GET; an answer below 400 is a yes. Undefined: an accepted connection is. */
  readonly healthPath: string | undefined;
};

const everyMs = 50;
/** One probe that hangs must not keep the next one from being tried. */
const limitMs = 2_000;

/** Resolves when the process answers, after telling why it does not; rejects when aborted. */
export const untilAnswers = async (
  probe: Probe,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (problem: string) => void },
): Promise<void> => {
  let problem = await problemOf(probe);
  while (problem !== undefined) {
    tell(problem);
    await after(everyMs, undefined, { signal, ref: false });
    problem = await problemOf(probe);
  }
  signal.throwIfAborted();
};

const host = '127.0.0.1';

const problemOf = ({ port, healthPath }: Probe): Promise<string | undefined> =>
  healthPath === undefined ? connecting(port) : asking(port, healthPath);

const connecting = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: limitMs });
    const end = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(`nothing accepts a connection on ${host}:${port}`));
    socket.once('error', () => end(`nothing listens on ${host}:${port}`));
  });

const asking = (port: number, path: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const url = `http://${host}:${port}${path}`;
    // A supervisor without commands does without it.
    const { get } = process.getBuiltinModule('node:http');
    const request = get(url, { agent: false, timeout: limitMs });
    request.once('response', (response) => {
      const { statusCode = 500 } = response.resume();
      resolve(statusCode < 400 ? undefined : `${url} answers ${statusCode}`);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(`${url} does not answer`));
    request.once('close', () => resolve(`${url} does not answer`));
  });
