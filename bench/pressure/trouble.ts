/** Makes one kind of trouble for an ingress, and prints what came of it as JSON. */
import { request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { slowCrowd } from '../../test/helpers/slow-clients.ts';

type Facts = Readonly<Record<string, number>>;

/** Slow clients: all at once they would wait for one another, in the queue of the kernel. */
const comeEveryMs = 5;

const slowClients = async (origin: string): Promise<Facts> => {
  const held: Promise<number>[] = [];
  for (const begin of slowCrowd(Number(new URL(origin).port))) {
    const startedAt = performance.now();
    held.push(begin().then(() => performance.now() - startedAt));
    await after(comeEveryMs);
  }
  return { 'the longest was held, s': Math.max(...(await Promise.all(held))) / 1_000 };
};

/** Bodies of ten gigabytes in chunks, until each is refused. */
const hugeBodies = async (origin: string, forMs: number): Promise<Facts> => {
  const chunk = Buffer.alloc(64 * 1_024, 'x');
  const send = (): Promise<number> =>
    new Promise((resolve) => {
      const options = { method: 'POST', agent: false };
      const body = request(`${origin}/work`, options, ({ statusCode = 0 }) => {
        resolve(statusCode);
        body.destroy();
      });
      const more = (): void => {
        if (!body.destroyed) body.write(chunk, () => setImmediate(more));
      };
      body.on('error', () => resolve(0));
      more();
    });
  const until = performance.now() + forMs;
  const statuses: number[] = [];
  while (performance.now() < until) statuses.push(await send());
  const refused = statuses.filter((status) => status === 413).length;
  return { bodies: statuses.length, 'refused with 413': refused };
};

const [kind, origin = '', forMs] = process.argv.slice(2);
const facts = await (kind === 'slow' ? slowClients(origin) : hugeBodies(origin, Number(forMs)));
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ facts, cpuMs: (user + system) / 1_000 }));
