import { Agent, get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

export const at = (port: number | undefined): string => `http://127.0.0.1:${port}`;

/** Between two requests of a client, as few of them are to fill the machine. */
const pauseMs = 15;

/** Nobody has accepted the connection, and nobody will. */
const cut = 'cut';

/** What a service says at a port, or why nobody does. */
export const saidAt = (port: number, name: string, agent?: Agent): Promise<string> =>
  new Promise((resolve) => {
    const request = get(`${at(port)}/${name}`, { ...(agent === undefined ? {} : { agent }) });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isNew = error.code === 'ECONNRESET' && !request.reusedSocket;
      resolve(isNew ? cut : String(error.code));
    });
    request.on('response', (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
      response.on('end', () => resolve(text.replaceAll('"', '')));
    });
  });

/**
 * Asks at a port until it is closed; answers what came that was no answer. Whom the kernel has let
 * in at the very moment in which it is closed is cut, and nobody after that is let in.
 */
export const askUntilClosed = async (port: number, name: string): Promise<readonly string[]> => {
  const others: string[] = [];
  const ends: string[] = [];
  const ask = async (keepAlive: boolean): Promise<void> => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    for (let before = name; ; ) {
      const said = await saidAt(port, name, agent);
      if (said === 'ECONNREFUSED') {
        ends.push(before);
        return agent.destroy();
      }
      if (before === cut || ![name, cut].includes(said)) others.push(said);
      before = said;
      await after(pauseMs);
    }
  };
  await Promise.all([true, true, false, false].map(ask));
  // They would all be if they had waited where nobody accepts any more.
  return ends.every((end) => end === cut) ? [...others, 'everybody was cut'] : others;
};

/** Clients that keep their connections, and clients that open one for each request. */
export const everyKind = (name: string) =>
  [
    { kind: 'keep-alive', path: `/${name}`, clients: 3 },
    { kind: 'new-connection', path: `/${name}`, clients: 3 },
  ] as const;
