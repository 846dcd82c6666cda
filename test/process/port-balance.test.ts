import { readdirSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startIngressApp } from './ingress-app.ts';

const clients = 32;

/** The process that answers on the one connection of this agent. */
const served = (agent: Agent, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/work', agent }, (response) => {
      json(response).then((body) => resolve((body as { readonly pid: number }).pid), reject);
    }).on('error', reject);
  });

const mostOf = (pids: readonly number[]): number =>
  Math.max(...[...Map.groupBy(pids, (pid) => pid).values()].map(({ length }) => length));

test('connections that all came to one worker of a port are soon with both, and no request fails', async () => {
  const agents = Array.from(
    { length: clients },
    () => new Agent({ keepAlive: true, maxSockets: 1 }),
  );
  await using app = await startIngressApp({
    target: { entry: './services/target.mjs', port: 0, workers: 2 },
  });
  const port = app.engine.front.portOf('target') ?? 0;
  const all = (): Promise<readonly number[]> =>
    Promise.all(agents.map((agent) => served(agent, port)));

  const [asleep = 0] = app.pidsOf('target');
  process.kill(asleep, 'SIGSTOP');
  const first = all();
  try {
    expect(mostOf(await first)).toBe(clients);
  } finally {
    process.kill(asleep, 'SIGCONT');
  }
  await expect.poll(async () => mostOf(await all()), { timeout: 15_000 }).toBeLessThan(20);

  await app.engine.stop(10_000);
  expect(readdirSync(join(app.directory, 'run')).filter((name) => /count$/.test(name))).toEqual([]);
  for (const agent of agents) agent.destroy();
});
