/**
 * How evenly connections that are kept come to the two workers of one port: the part of the worker
 * that has most of them, when all come at once, when they are used for a while after that, and when
 * each comes after the one before it was served.
 */
import { Agent, get } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { startIngressApp } from '../test/process/ingress-app.ts';
import { median } from './figures.ts';

const clients = 64;
const rounds = Number(process.argv[2] ?? 5);

const app = await startIngressApp({
  target: { entry: './services/target.mjs', port: 0, workers: 2 },
});
const port = app.engine.front.portOf('target') ?? 0;

/** The process that answers on a connection of its own, which stays open. */
const served = (agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/work', agent }, (response) => {
      json(response).then((body) => resolve((body as { readonly pid: number }).pid), reject);
    }).on('error', reject);
  });

const ways: Readonly<Record<string, (agents: readonly Agent[]) => Promise<readonly number[]>>> = {
  'at once': (agents) => Promise.all(agents.map(served)),
  'at once, and used for 6 s': (agents) => used(agents),
  'one after the other': async (agents) => {
    const pids: number[] = [];
    for (const agent of agents) pids.push(await served(agent));
    return pids;
  },
};

/** What they are like after they have been used for some seconds. */
const usedForMs = 6_000;
const used = async (agents: readonly Agent[]): Promise<readonly number[]> => {
  await Promise.all(agents.map(served));
  const until = performance.now() + usedForMs;
  const use = async (agent: Agent): Promise<number> => {
    const pid = await served(agent);
    await setTimeout(100);
    return performance.now() < until ? use(agent) : pid;
  };
  return Promise.all(agents.map(use));
};

const largestPart = (pids: readonly number[]): number => {
  const counts = [...Map.groupBy(pids, (pid) => pid).values()].map(({ length }) => length);
  return Math.round((100 * Math.max(...counts)) / pids.length);
};

for (const [name, come] of Object.entries(ways)) {
  const parts: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true }));
    parts.push(largestPart(await come(agents)));
    for (const agent of agents) agent.destroy();
  }
  console.log(`${name}: ${median(parts)} % of ${clients} at one of two (${parts.join(' ')})`);
}
await app[Symbol.asyncDispose]();
