import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultApp } from './fault-app.ts';

type Order = { readonly key: string; readonly pid: number };
type Answer = { readonly key: string; readonly status: number; readonly at: number };

/** So many that both workers have some. */
const count = 12;

const takenIn = (app: FaultApp): readonly Order[] => {
  const file = join(app.directory, 'orders');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return lines.map((line) => {
    const [key = '', pid] = line.split(' ');
    return { key, pid: Number(pid) };
  });
};

const send = async (app: FaultApp, key: string): Promise<Answer> => {
  const response = await fetch(`${app.http}/own/order/${key}`, { method: 'POST' });
  await response.text();
  return { key, status: response.status, at: performance.now() };
};

/**
 * Kills a worker that is at writes: each of those is answered with an error, as it may have had its
 * effect, every other one as ever, and none is done twice.
 */
export const killAmidOrders = async (app: FaultApp): Promise<number> => {
  const keys: readonly string[] = Array.from({ length: count }, () => crypto.randomUUID());
  const answers = Promise.all(keys.map((key) => send(app, key)));
  const taken = await app.until('all orders to be taken', async () => {
    const found = takenIn(app).filter(({ key }) => keys.includes(key));
    return found.length === count ? found : undefined;
  });
  const pid = taken[0]?.pid ?? 0;
  const killedAt = performance.now();
  process.kill(pid, 'SIGKILL');
  for (const { key, status, at } of await answers) {
    const isLost = taken.some((order) => order.key === key && order.pid === pid);
    if (isLost) app.note('a lost write is answered after, ms', at - killedAt);
    const wanted = isLost ? [502, 503] : [200, 204];
    if (!wanted.includes(status)) throw new Error(`${isLost ? 'a lost' : 'a'} write got ${status}`);
  }
  const done = takenIn(app).filter(({ key }) => keys.includes(key)).length;
  if (done !== count) throw new Error(`of ${count} writes ${done} were done`);
  return pid;
};
